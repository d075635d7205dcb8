//! The user that the server runs as: PostgreSQL refuses to run as root.

use std::io;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

/// Who runs the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
    other: bool,
}

impl User {
    /// Ourselves, or `postgres`, else `nobody`, when we are root.
    pub(super) fn find() -> Result<Self, String> {
        let uid = rustix::process::geteuid().as_raw();
        if uid != 0 {
            let gid = rustix::process::getegid().as_raw();
            return Ok(Self { name: format!("with the id {uid}"), uid, gid, other: false });
        }
        ["postgres", "nobody"].into_iter().find_map(lookup).ok_or_else(|| {
            "it may not run as root, and there is neither a user postgres nor a user nobody; start as another user".into()
        })
    }

    /// Whether that is somebody else than this process.
    pub(super) fn is_other(&self) -> bool {
        self.other
    }

    /// Makes the user the owner of a file or folder.
    pub(super) fn give(&self, path: &Path) -> io::Result<()> {
        if self.other { chown(path, Some(self.uid), Some(self.gid)) } else { Ok(()) }
    }
}

fn lookup(name: &str) -> Option<User> {
    // `id` knows users of every kind of directory, which /etc/passwd does not.
    let ask = |flag: &str| -> Option<u32> {
        let output = Command::new("id").args([flag, name]).output().ok()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().ok()
    };
    Some(User { name: name.to_owned(), uid: ask("-u")?, gid: ask("-g")?, other: true })
}
