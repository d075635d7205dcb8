//! Finds installed PostgreSQL servers.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest major version that is used.
pub const MIN_MAJOR: u32 = 14;

/// Folders whose sub-folders are looked into: parent, what a sub-folder's name begins with, and the path from there.
const PLACES: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/usr/lib64", "pgsql", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ("/usr/local", "pgsql", "bin"),
    ("/usr", "local", "bin"),
    ("/", "usr", "bin"),
];

/// The programs of one installed server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// The folder with `initdb`, `postgres` and, mostly, `pgbench`.
    pub dir: PathBuf,
    /// `15`.
    pub major: u32,
    /// `15.18`.
    pub version: String,
}

/// Every server that is installed and new enough, the newest first.
pub fn find() -> Vec<Binaries> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for (parent, begin, rest) in PLACES {
        let Ok(entries) = fs::read_dir(parent) else { continue };
        for entry in entries.filter_map(Result::ok) {
            if entry.file_name().to_string_lossy().starts_with(begin) {
                dirs.push(entry.path().join(rest));
            }
        }
    }
    let mut seen = HashSet::new();
    let mut found: Vec<Binaries> = dirs
        .iter()
        .filter(|dir| dir.join("initdb").is_file() && dir.join("postgres").is_file())
        .filter(|dir| seen.insert(fs::canonicalize(dir).unwrap_or_else(|_| dir.to_path_buf())))
        .filter_map(|dir| look(dir))
        .filter(|binaries| binaries.major >= MIN_MAJOR)
        .collect();
    // A stable sort: of equal versions the one that stands first in PATH wins.
    found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
    found
}

fn look(dir: &Path) -> Option<Binaries> {
    let output = Command::new(dir.join("postgres")).arg("--version").stdin(Stdio::null()).output().ok()?;
    let (major, version) = parse(&String::from_utf8_lossy(&output.stdout))?;
    Some(Binaries { dir: dir.to_path_buf(), major, version })
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn parse(text: &str) -> Option<(u32, String)> {
    let version = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((digits.parse().ok()?, version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_packagers_write_them() {
        for (text, wanted) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some((15, "15.18"))),
            ("postgres (PostgreSQL) 17beta2", Some((17, "17beta2"))),
            ("postgres (PostgreSQL) 16.4", Some((16, "16.4"))),
            ("", None),
        ] {
            assert_eq!(parse(text), wanted.map(|(major, version)| (major, version.to_owned())));
        }
    }
}
