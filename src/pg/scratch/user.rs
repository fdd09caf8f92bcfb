//! Who runs a server: PostgreSQL's programs refuse to be run by root.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::ScratchError;

/// The ordinary user who runs a server for root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct User {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl User {
    /// Finds one where we are root.
    pub(super) fn in_place_of_root() -> Result<Option<Self>, ScratchError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = fs::read("/etc/passwd").map_err(|error| ScratchError::System("read /etc/passwd", error))?;
        let passwd = String::from_utf8_lossy(&passwd);
        let user = ["postgres", "nobody"].iter().find_map(|name| Self::named(&passwd, name));
        user.map(Some).ok_or(ScratchError::NoUser)
    }

    /// `postgres:x:101:104:…`
    fn named(passwd: &str, name: &str) -> Option<Self> {
        let mut lines = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
        let fields = lines.find(|fields| fields.first() == Some(&name))?;
        Some(Self { uid: fields.get(2)?.parse().ok()?, gid: fields.get(3)?.parse().ok()? })
    }
}

/// Prepares a program to be run by a user, without anything in the environment that is about some other server.
pub(super) fn command(program: impl AsRef<std::ffi::OsStr>, user: Option<User>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C").current_dir("/");
    if let Some(User { uid, gid }) = user {
        // The standard library gives up root's further groups along with this.
        command.uid(uid).gid(gid);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nmy_postgres:x:7:7::/:\npostgres:x:101:104:PostgreSQL:/var/lib:\n";
        assert_eq!(User::named(passwd, "postgres"), Some(User { uid: 101, gid: 104 }));
        assert_eq!(User::named(passwd, "nobody"), None);
        assert_eq!(User::named("nobody:x", "nobody"), None);
    }
}
