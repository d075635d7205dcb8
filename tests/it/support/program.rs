//! The `warung` program as a child process, with nothing of the caller's environment.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a line of the program may take: a first start on a busy machine makes a cluster.
const LINE_TIMEOUT: Duration = Duration::from_secs(90);

/// A run that has ended.
#[derive(Debug)]
pub struct Stopped {
    /// The exit code; nothing after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Stopped {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A run that goes on, killed when this goes out of scope.
pub struct Program {
    child: Child,
    lines: mpsc::Receiver<String>,
    seen: Vec<String>,
}

impl Program {
    fn command(dir: &Path, args: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warung"));
        command.args(args).current_dir(dir).env_clear();
        for name in ["PATH", "HOME", "TMPDIR", "LANG"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.envs(settings.iter().copied()).stdin(Stdio::null());
        command
    }

    /// Runs to the end.
    pub fn run(dir: &Path, args: &[&str], settings: &[(&str, &str)]) -> Stopped {
        Stopped::of(Self::command(dir, args, settings).output().unwrap())
    }

    /// Runs to the end with lines that are piped in.
    pub fn run_with(dir: &Path, args: &[&str], settings: &[(&str, &str)], lines: &str) -> Stopped {
        let mut command = Self::command(dir, args, settings);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        Stopped::of(child.wait_with_output().unwrap())
    }

    /// Starts; what it prints on both outputs can be waited for.
    pub fn start(dir: &Path, args: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut command = Self::command(dir, args, settings);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        for reader in [Box::new(stdout) as Box<dyn std::io::Read + Send>, Box::new(stderr)] {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(reader.take(1 << 20)).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Self { child, lines, seen: Vec::new() }
    }

    /// The next line that contains the words; fails with everything printed when there is none.
    pub fn line_with(&mut self, words: &str) -> String {
        loop {
            match self.lines.recv_timeout(LINE_TIMEOUT) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(error) => panic!("no line with {words:?} ({error}); it said:\n{}", self.seen.join("\n")),
            }
        }
    }

    /// Every line that was waited past so far.
    pub fn seen(&self) -> &[String] {
        &self.seen
    }

    /// Sends a signal by its name (`TERM`, `KILL`) and returns the exit code.
    pub fn end(mut self, signal: &str) -> Option<i32> {
        let sent = Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of loopback that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
