//! Lists the flow files and the notices of banks, so that a new file in `flows/` or `lexicon/notices/` is shipped without
//! being named anywhere in Rust.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let out = env::var("OUT_DIR")?;
    for (folder, target) in [("flows", "flows.rs"), ("lexicon/notices", "notices.rs")] {
        let list = list(&Path::new(&root).join(folder), folder, "yaml")?;
        fs::write(Path::new(&out).join(target), list)?;
    }
    Ok(())
}

/// An array expression of `(file name, include_str!(path))`.
fn list(folder: &Path, shown: &str, extension: &str) -> Result<String, Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut paths: Vec<_> = fs::read_dir(folder)?.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    let mut list = String::from("&[\n");
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        writeln!(
            list,
            "    ({:?}, include_str!({:?})),",
            format!("{shown}/{name}"),
            path.display().to_string()
        )?;
    }
    list.push(']');
    Ok(list)
}
