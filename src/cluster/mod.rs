//! A private PostgreSQL from installed binaries, for people who have set no DATABASE_URL.
//!
//! Several processes share one cluster (the demo, a terminal chat, a run of conversations). Each holds a shared lock on
//! `attached.lock` for as long as it lives, which the system lets go of however the process ends; who can make the lock
//! exclusive is the last one and stops the server. A server that outlived its process (kill -9) is adopted, not fought.
//! Unix only: elsewhere set DATABASE_URL.

pub mod binaries;
mod postmaster;
pub mod testing;
mod user;

use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use sha2::{Digest as _, Sha256};

use binaries::Binaries;
use postmaster::Postmaster;
use user::User;

/// How long a server may take to start, also when it recovers from a crash, in milliseconds.
const START_TIMEOUT_MS: u64 = 60_000;
/// How long a server may take to stop, in milliseconds.
const STOP_TIMEOUT_MS: u64 = 30_000;
/// How long processes of a crashed server may take to end, in milliseconds.
const ORPHANS_TIMEOUT_MS: u64 = 15_000;
/// Between two tries to start beside them, in milliseconds.
const ORPHANS_LOOK_MS: u64 = 100;
/// What a server says that finds them.
const ORPHANS_SAID: &str = "is still in use";
/// Between two looks at a server that starts or stops, in milliseconds.
const LOOK_MS: u64 = 10;
/// A socket's path is limited to about 100 bytes by the system; its file name takes 20 of them.
const MAX_SOCKET_DIR_BYTES: usize = 80;
/// The server's log is begun anew past this size.
const MAX_LOG_BYTES: u64 = 4 * 1024 * 1024;
/// The part of the server's log that an error reports.
const LOG_TAIL_BYTES: usize = 600;
/// The folder of the data, in the folder of the cluster.
const PGDATA: &str = "postgres";
/// The only user of a private cluster.
const SUPERUSER: &str = "postgres";
/// Sockets carry a port in their names; nothing listens on it.
const PORT: u16 = 5432;

/// What a cluster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Data that must survive anything.
    Keep,
    /// Data of one test run: fast instead of safe, and gone with the process, however that ends.
    Scratch,
}

/// How to start a cluster.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder that holds the cluster, its log and its locks. Made when it is not there.
    pub data_dir: PathBuf,
    /// What it is for.
    pub purpose: Purpose,
}

/// Why there is no private cluster. Each is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No server is installed.
    #[error(
        "no PostgreSQL is installed and DATABASE_URL is not set; set DATABASE_URL, or install PostgreSQL {} or newer \
         (scripts/demo does it; by hand: apt-get install postgresql, dnf install postgresql-server, brew install postgresql@17)",
        binaries::MIN_MAJOR
    )]
    NotInstalled,
    /// The data was written by a version that is not installed.
    #[error(
        "the data in {dir} was made by PostgreSQL {needed}, which is not installed (found: {found}); install PostgreSQL {needed}, \
         or set WARUNG_DATA_DIR to another folder"
    )]
    WrongVersion {
        /// The data folder.
        dir: String,
        /// The version that made it.
        needed: u32,
        /// The versions that are installed.
        found: String,
    },
    /// The data folder cannot be used.
    #[error(
        "the data folder {dir} cannot be used: {reason}; make it writable or set WARUNG_DATA_DIR to another folder"
    )]
    Folder {
        /// The folder.
        dir: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A program of PostgreSQL failed.
    #[error("PostgreSQL did not start: {0}")]
    Failed(String),
}

impl ClusterError {
    fn folder(dir: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Folder { dir: dir.display().to_string(), reason: reason.to_string() }
    }
}

/// A running private cluster that this process is attached to.
#[derive(Debug)]
pub struct Cluster {
    data_dir: PathBuf,
    socket_dir: PathBuf,
    pid: u32,
    version: String,
    attached: File,
    /// The server, where this process started it.
    child: Option<Child>,
    /// Ends a scratch cluster when this process ends: it waits for the end of its input.
    _watchdog: Option<Child>,
}

impl Cluster {
    /// Whether there is a cluster in a folder; starting one where there is none makes it.
    pub fn is_made(data_dir: &Path) -> bool {
        data_dir.join(PGDATA).join("PG_VERSION").exists()
    }

    /// Starts the cluster in `options.data_dir`, making it first when there is none, or joins the one that runs there.
    /// `progress` is told what takes time. Blocks for up to a second, on a first start for several.
    ///
    /// # Errors
    /// [`ClusterError`] with one line that says what to do.
    pub fn start(options: &Options, progress: &mut dyn FnMut(&str)) -> Result<Self, ClusterError> {
        let user = User::find().map_err(ClusterError::Failed)?;
        let data_dir = make_data_dir(&options.data_dir, &user)?;
        let lock = open_lock(&data_dir, "start.lock")?;
        // Two processes that start at once: the second waits here and finds a running server.
        flock(&lock, FlockOperation::LockExclusive)
            .map_err(|error| ClusterError::folder(&data_dir, error))?;
        let attached = open_lock(&data_dir, "attached.lock")?;
        flock(&attached, FlockOperation::LockShared)
            .map_err(|error| ClusterError::folder(&data_dir, error))?;

        let pgdata = data_dir.join(PGDATA);
        let binaries = choose(&pgdata)?;
        if let Some(running) = Postmaster::adopt(&pgdata, Duration::from_millis(START_TIMEOUT_MS))? {
            return Ok(Self {
                socket_dir: running.socket_dir,
                pid: running.pid,
                version: binaries.version,
                data_dir,
                attached,
                child: None,
                _watchdog: None,
            });
        }
        if !pgdata.join("PG_VERSION").exists() {
            progress(&format!(
                "making a database with PostgreSQL {} in {}",
                binaries.version,
                data_dir.display()
            ));
            initialise(&binaries, &data_dir, &pgdata, &user, options.purpose)?;
        }
        progress("starting the database");
        let socket_dir = make_socket_dir(&data_dir, &user)?;
        // No server runs on this data, and nobody else uses this folder, so a lock in it is a dead server's.
        match fs::remove_file(socket_dir.join(format!(".s.PGSQL.{PORT}.lock"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(ClusterError::folder(&socket_dir, error));
            }
            _ => {}
        }
        let until = Instant::now() + Duration::from_millis(ORPHANS_TIMEOUT_MS);
        let child = loop {
            let mut child = spawn(&binaries, &data_dir, &pgdata, &socket_dir, &user, options.purpose)?;
            match wait_until_ready(&mut child, &data_dir, &pgdata) {
                Ok(()) => break child,
                // After a crash, processes of the dead server are on their way out and still hold its memory;
                // PostgreSQL refuses to start beside them, and rightly.
                Err(_) if log_tail(&data_dir).contains(ORPHANS_SAID) && Instant::now() < until => {
                    sleep(Duration::from_millis(ORPHANS_LOOK_MS));
                }
                Err(error) => return Err(error),
            }
        };
        let watchdog = match options.purpose {
            Purpose::Keep => None,
            Purpose::Scratch => Some(watch(child.id(), &data_dir, &socket_dir)?),
        };
        Ok(Self {
            socket_dir,
            pid: child.id(),
            version: binaries.version,
            data_dir,
            attached,
            child: Some(child),
            _watchdog: watchdog,
        })
    }

    /// The address of one of its databases, for sqlx, psql and pgbench alike.
    pub fn url(&self, database: &str) -> String {
        let socket_dir = encode(&self.socket_dir.to_string_lossy());
        format!("postgres://{SUPERUSER}@localhost:{PORT}/{database}?host={socket_dir}&sslmode=disable")
    }

    /// The server's version (`15.18`).
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The folder of the cluster, its log and its locks.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Process id of the server.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Leaves the cluster, and stops it when no other process is attached. Returns whether it was stopped.
    ///
    /// # Errors
    /// [`ClusterError`] when the server does not stop in time.
    pub fn stop(mut self) -> Result<bool, ClusterError> {
        let lock = open_lock(&self.data_dir, "start.lock")?;
        flock(&lock, FlockOperation::LockExclusive)
            .map_err(|error| ClusterError::folder(&self.data_dir, error))?;
        if flock(&self.attached, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Ok(false);
        }
        postmaster::signal(self.pid, rustix::process::Signal::INT);
        let until = Instant::now() + Duration::from_millis(STOP_TIMEOUT_MS);
        while Instant::now() < until {
            let gone = match &mut self.child {
                Some(child) => child.try_wait().is_ok_and(|status| status.is_some()),
                None => !postmaster::is_alive(self.pid),
            };
            if gone {
                // Tidiness only: the next start makes the folder again, or takes it as it is.
                let _ = fs::remove_dir(&self.socket_dir);
                return Ok(true);
            }
            sleep(Duration::from_millis(LOOK_MS));
        }
        Err(ClusterError::Failed(format!("it did not stop within {} s", STOP_TIMEOUT_MS / 1000)))
    }
}

/// The folder with everything in it, reachable for the user that the server runs as.
fn make_data_dir(dir: &Path, user: &User) -> Result<PathBuf, ClusterError> {
    fs::create_dir_all(dir).map_err(|error| ClusterError::folder(dir, error))?;
    let dir = fs::canonicalize(dir).map_err(|error| ClusterError::folder(dir, error))?;
    if user.is_other() {
        // The server runs as somebody else, who must be able to walk down to its folder.
        for ancestor in dir.ancestors() {
            let metadata = fs::metadata(ancestor).map_err(|error| ClusterError::folder(&dir, error))?;
            if metadata.permissions().mode() & 0o001 == 0 && metadata.uid() != user.uid {
                let reason = format!(
                    "the user {} that the database runs as may not enter {}",
                    user.name,
                    ancestor.display()
                );
                return Err(ClusterError::folder(&dir, reason));
            }
        }
    }
    Ok(dir)
}

fn open_lock(data_dir: &Path, name: &str) -> Result<File, ClusterError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data_dir.join(name))
        .map_err(|error| ClusterError::folder(data_dir, error))
}

/// The binaries that fit the data, or the newest where there is no data yet.
fn choose(pgdata: &Path) -> Result<Binaries, ClusterError> {
    let installed = binaries::find();
    let made_by =
        fs::read_to_string(pgdata.join("PG_VERSION")).ok().and_then(|text| text.trim().parse::<u32>().ok());
    let Some(needed) = made_by else {
        return installed.into_iter().next().ok_or(ClusterError::NotInstalled);
    };
    let found: Vec<String> = installed.iter().map(|binaries| binaries.major.to_string()).collect();
    installed.into_iter().find(|binaries| binaries.major == needed).ok_or_else(|| {
        ClusterError::WrongVersion {
            dir: pgdata.display().to_string(),
            needed,
            found: if found.is_empty() { "none".into() } else { found.join(", ") },
        }
    })
}

/// Makes the cluster beside its place and moves it there, so that a first start that is interrupted leaves nothing half made.
fn initialise(
    binaries: &Binaries,
    data_dir: &Path,
    pgdata: &Path,
    user: &User,
    purpose: Purpose,
) -> Result<(), ClusterError> {
    if pgdata.exists() && fs::read_dir(pgdata).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(ClusterError::folder(pgdata, "it holds something that is no PostgreSQL database"));
    }
    let fresh = data_dir.join("postgres.new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(|error| ClusterError::folder(data_dir, error))?;
    }
    let made = fs::DirBuilder::new().mode(0o700).create(&fresh);
    made.and_then(|()| user.give(&fresh)).map_err(|error| ClusterError::folder(data_dir, error))?;
    let mut command = command(&binaries.dir.join("initdb"), user);
    command.arg("-D").arg(&fresh).args(["-U", SUPERUSER, "-E", "UTF8", "--locale=C"]);
    command.args(["--auth-local=trust", "--auth-host=reject"]);
    if purpose == Purpose::Scratch {
        command.arg("--no-sync");
    }
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| ClusterError::Failed(error.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " | ");
        return Err(ClusterError::Failed(format!("initdb: {said}")));
    }
    fs::rename(&fresh, pgdata).map_err(|error| ClusterError::folder(data_dir, error))
}

fn make_socket_dir(data_dir: &Path, user: &User) -> Result<PathBuf, ClusterError> {
    let hash = hex::encode(Sha256::digest(data_dir.to_string_lossy().as_bytes()));
    let name = format!("warung-{}", &hash[..12]);
    let mut dir = std::env::temp_dir().join(&name);
    if user.is_other() || dir.as_os_str().len() > MAX_SOCKET_DIR_BYTES {
        dir = Path::new("/tmp").join(name);
    }
    match fs::DirBuilder::new().mode(0o700).create(&dir) {
        Ok(()) => user.give(&dir).map_err(|error| ClusterError::folder(&dir, error))?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let metadata = fs::symlink_metadata(&dir).map_err(|error| ClusterError::folder(&dir, error))?;
            // The name can be guessed, so a folder of somebody else is not trusted.
            if !metadata.is_dir() || metadata.uid() != user.uid || metadata.mode() & 0o077 != 0 {
                return Err(ClusterError::folder(&dir, "the folder for the socket belongs to somebody else"));
            }
        }
        Err(error) => return Err(ClusterError::folder(&dir, error)),
    }
    Ok(dir)
}

fn spawn(
    binaries: &Binaries,
    data_dir: &Path,
    pgdata: &Path,
    socket_dir: &Path,
    user: &User,
    purpose: Purpose,
) -> Result<Child, ClusterError> {
    let path = data_dir.join("postgres.log");
    let is_long = fs::metadata(&path).is_ok_and(|metadata| metadata.len() > MAX_LOG_BYTES);
    let log = OpenOptions::new().create(true).append(!is_long).truncate(is_long).write(true).open(&path);
    let log = log.map_err(|error| ClusterError::folder(data_dir, error))?;
    let mut command = command(&binaries.dir.join("postgres"), user);
    command.arg("-D").arg(pgdata).arg("-k").arg(socket_dir).args(["-p", &PORT.to_string()]);
    let mut settings = vec!["listen_addresses=", "timezone=UTC", "log_timezone=UTC"];
    match purpose {
        Purpose::Keep => settings.push("max_connections=100"),
        Purpose::Scratch => settings.extend([
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "autovacuum=off",
            "wal_level=minimal",
            "max_wal_senders=0",
            "max_wal_size=256MB",
            "max_connections=400",
        ]),
    }
    for setting in settings {
        command.args(["-c", setting]);
    }
    let errors = log.try_clone().map_err(|error| ClusterError::folder(data_dir, error))?;
    command
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .map_err(|error| ClusterError::Failed(error.to_string()))
}

/// A program of PostgreSQL as the user that may run it, in a process group of its own: Ctrl-C in the terminal is ours to
/// answer, and the server stops after the work in flight.
fn command(program: &Path, user: &User) -> Command {
    let mut command = Command::new(program);
    command.process_group(0).current_dir("/").env("LC_ALL", "C");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    if user.is_other() {
        command.uid(user.uid).gid(user.gid);
    }
    command
}

/// Waits for our own child to say that it is ready: a stale file of an earlier server says so as well.
fn wait_until_ready(child: &mut Child, data_dir: &Path, pgdata: &Path) -> Result<(), ClusterError> {
    let until = Instant::now() + Duration::from_millis(START_TIMEOUT_MS);
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(ClusterError::Failed(format!("{status}; its log ends with: {}", log_tail(data_dir))));
        }
        if Postmaster::read(pgdata).is_some_and(|found| found.pid == child.id() && found.is_ready) {
            return Ok(());
        }
        if Instant::now() > until {
            postmaster::signal(child.id(), rustix::process::Signal::INT);
            let seconds = START_TIMEOUT_MS / 1000;
            return Err(ClusterError::Failed(format!(
                "not ready after {seconds} s; its log ends with: {}",
                log_tail(data_dir)
            )));
        }
        sleep(Duration::from_millis(LOOK_MS));
    }
}

fn log_tail(data_dir: &Path) -> String {
    let mut text = Vec::new();
    if let Ok(mut file) = File::open(data_dir.join("postgres.log")) {
        // An unreadable log only makes the message poorer.
        let _ = file.read_to_end(&mut text);
    }
    let text = String::from_utf8_lossy(&text[text.len().saturating_sub(LOG_TAIL_BYTES)..]).into_owned();
    text.trim().replace('\n', " | ")
}

/// A shell that waits for the end of this process and then stops the server and removes its files. Its input is a pipe
/// whose other end only this process holds, so it wakes on every kind of end, a kill -9 included.
fn watch(pid: u32, data_dir: &Path, socket_dir: &Path) -> Result<Child, ClusterError> {
    let script = r#"cat >/dev/null
        kill -QUIT "$1" 2>/dev/null
        while kill -0 "$1" 2>/dev/null; do case $(ps -o stat= -p "$1" 2>/dev/null) in Z*) break;; esac; sleep 0.05; done
        rm -rf "$2" "$3""#;
    Command::new("sh")
        .args(["-c", script, "sh", &pid.to_string()])
        .arg(data_dir)
        .arg(socket_dir)
        .process_group(0)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| ClusterError::Failed(format!("the watchdog did not start: {error}")))
}

/// Percent-encodes a path for a query parameter.
fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
