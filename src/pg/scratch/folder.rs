//! The folder of a server.

use std::fs;
use std::iter::repeat_with;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::ScratchError;
use super::user::User;

/// The path of a socket: 107 bytes at most on Linux, 103 on macOS and the BSDs.
const LONGEST_SOCKET: usize = 103;

/// Names a folder that is not there yet, where the user who runs the server can create it.
pub(super) fn name(user: Option<User>) -> Result<PathBuf, ScratchError> {
    let letters: String = repeat_with(fastrand::alphanumeric).take(8).collect();
    let parents = [std::env::temp_dir(), PathBuf::from("/tmp")];
    let parent = parents.iter().find(|parent| fits_a_socket(parent) && (user.is_none() || is_open(parent)));
    let parent =
        parent.ok_or_else(|| ScratchError::NoFolder(format!("neither {} nor /tmp will do", parents[0].display())))?;
    Ok(parent.join(format!("pevensie-pg.{letters}")))
}

/// Says whether a folder below it can be named in a setting of the server and in a connection string, as it is.
fn fits_a_socket(parent: &Path) -> bool {
    let socket = parent.join("pevensie-pg.12345678/.s.PGSQL.65535");
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+".contains(byte);
    let bytes = socket.as_os_str().as_encoded_bytes();
    socket.is_absolute() && bytes.len() <= LONGEST_SOCKET && bytes.iter().all(is_plain)
}

/// Says whether everybody can get to it and create something in it.
fn is_open(folder: &Path) -> bool {
    let allows = |folder: &Path, others: u32| fs::metadata(folder).is_ok_and(|found| found.mode() & others == others);
    allows(folder, 0o003) && folder.ancestors().all(|folder| allows(folder, 0o001))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_needs_a_short_and_plain_path() {
        assert!(fits_a_socket(Path::new("/tmp")));
        assert!(fits_a_socket(Path::new("/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/")));
        assert!(!fits_a_socket(Path::new("/tmp/it's mine")));
        assert!(!fits_a_socket(Path::new("/tmp/a,b")));
        assert!(!fits_a_socket(Path::new("relative")));
        assert!(!fits_a_socket(&Path::new("/tmp").join("x".repeat(70))));
    }
}
