//! What `postmaster.pid` says, and whether to believe it.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::{ClusterError, LOOK_MS};

/// A server as its pid file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: u32,
    pub(super) socket_dir: PathBuf,
    pub(super) port: u16,
    pub(super) is_ready: bool,
}

impl Postmaster {
    /// The pid file of a data folder, or nothing when there is none or it is not written out yet.
    pub(super) fn read(pgdata: &Path) -> Option<Self> {
        parse(&fs::read_to_string(pgdata.join("postmaster.pid")).ok()?)
    }

    /// The server that runs on a data folder, waiting for one that is just starting or stopping. Removes what a dead one
    /// left behind, because PostgreSQL itself takes a zombie, or a stranger under the old number, for a running server.
    pub(super) fn adopt(pgdata: &Path, timeout: Duration) -> Result<Option<Self>, ClusterError> {
        let until = Instant::now() + timeout;
        let path = pgdata.join("postmaster.pid");
        while let Ok(text) = fs::read_to_string(&path) {
            let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
            if !pid.is_some_and(is_alive) {
                // Backends of a dead postmaster end by themselves; the start that follows waits for them.
                if let Err(error) = fs::remove_file(&path)
                    && error.kind() != std::io::ErrorKind::NotFound
                {
                    return Err(ClusterError::folder(pgdata, error));
                }
                return Ok(None);
            }
            if let Some(found) = parse(&text) {
                let socket = found.socket_dir.join(format!(".s.PGSQL.{}", found.port));
                if found.is_ready && UnixStream::connect(socket).is_ok() {
                    return Ok(Some(found));
                }
            }
            if Instant::now() > until {
                let pid = pid.unwrap_or_default();
                return Err(ClusterError::Failed(format!(
                    "a server (process {pid}) holds {} and does not answer; end it and try again",
                    pgdata.display()
                )));
            }
            sleep(Duration::from_millis(LOOK_MS));
        }
        Ok(None)
    }
}

fn parse(text: &str) -> Option<Postmaster> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    Some(Postmaster {
        pid: lines.first()?.parse().ok()?,
        port: lines.get(3)?.parse().ok()?,
        socket_dir: PathBuf::from(lines.get(4)?),
        is_ready: lines.get(7).is_some_and(|state| *state == "ready"),
    })
}

/// Whether a process runs and is a PostgreSQL: not a zombie, and not a stranger who got the number later.
pub(super) fn is_alive(pid: u32) -> bool {
    let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    if matches!(test_kill_process(number), Err(rustix::io::Errno::SRCH)) {
        return false;
    }
    let Ok(output) = Command::new("ps").args(["-o", "stat=,comm=", "-p", &pid.to_string()]).output() else {
        return proc_says_alive(pid);
    };
    let said = String::from_utf8_lossy(&output.stdout);
    // A small `ps` (BusyBox) knows no -p; then /proc is there.
    if !output.status.success() && said.trim().is_empty() {
        return proc_says_alive(pid);
    }
    is_running_postgres(&said)
}

/// Reads `stat comm` of `ps`: `Ss postgres`.
fn is_running_postgres(said: &str) -> bool {
    let mut words = said.split_whitespace();
    words.next().is_some_and(|state| !state.starts_with('Z')) && words.any(|word| word.contains("postgres"))
}

fn proc_says_alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        let name = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')'));
        name.is_some_and(|(name, rest)| name.contains("postgres") && !rest.trim_start().starts_with('Z'))
    })
}

/// Sends a signal, if there is such a process.
pub(super) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // A process that is gone needs no signal.
        let _ = kill_process(pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_is_read_line_by_line() {
        let text =
            "4711\n/var/lib/warung/postgres\n1790000000\n5432\n/tmp/warung-0123\n\n  123 456\nready   \n";
        let found = parse(text).unwrap();
        assert_eq!((found.pid, found.port, found.is_ready), (4711, 5432, true));
        assert_eq!(found.socket_dir, PathBuf::from("/tmp/warung-0123"));
        assert!(!parse(&text.replace("ready   ", "starting")).unwrap().is_ready);
        assert_eq!(parse("4711\n"), None, "a file that is still being written says nothing");
    }

    #[test]
    fn a_zombie_and_a_stranger_are_no_server() {
        for (said, alive) in [
            ("Ss   postgres\n", true),
            ("S /usr/lib/postgresql/15/bin/postgres", true),
            ("Zs   postgres <defunct>", false),
            ("S bash", false),
            ("", false),
        ] {
            assert_eq!(is_running_postgres(said), alive, "{said}");
        }
    }
}
