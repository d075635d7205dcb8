//! How long the demo takes to start, first and warm, and what memory it takes.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// What the demo prints when it can be used.
const READY: &str = "is open";

/// Starts the demo three times on one folder: once from nothing, twice warm.
pub fn starts(dir: &Path) -> Result<(), anyhow::Error> {
    for name in ["first start", "warm start", "warm start again"] {
        let (mut child, took) = start(&dir.join("demo"))?;
        let memory = super::peak_mib(child.id());
        let ended = Instant::now();
        let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
        anyhow::ensure!(sent.success(), "the demo could not be told to stop");
        let status = child.wait()?;
        anyhow::ensure!(status.success(), "the demo ended with {status}");
        print!("  {name}: {:.2} s, stop {:.2} s", took.as_secs_f64(), ended.elapsed().as_secs_f64());
        println!(
            "{}",
            memory.map_or(String::new(), |mib| format!(", peak memory {mib:.0} MiB without its database"))
        );
    }
    Ok(())
}

fn start(data_dir: &Path) -> Result<(Child, Duration), anyhow::Error> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_warung"))
        .arg("demo")
        .env_remove("DATABASE_URL")
        .env("WARUNG_DATA_DIR", data_dir)
        .env("WARUNG_BIND", format!("127.0.0.1:{port}"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().context("the demo has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    let is_open = lines.any(|line| line.is_ok_and(|line| line.contains(READY)));
    let took = began.elapsed();
    // The rest of what it prints is read away, so that it never waits for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    if is_open {
        return Ok((child, took));
    }
    let status = child.wait()?;
    anyhow::bail!("the demo did not open ({status})")
}
