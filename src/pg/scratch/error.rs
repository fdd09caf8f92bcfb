//! Why there is no scratch database.

use std::io;

use crate::migration::preflight::OLDEST_SERVER;

/// Why a server of our own could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    /// There is none to start.
    #[error("there is no PostgreSQL of version {OLDEST_SERVER} or newer on this machine
  looked in: {}{}",
        looked.join("
             "), lines(unfit.iter().map(String::as_str)))]
    NoPrograms {
        /// Where it was looked for.
        looked: Vec<String>,
        /// What was found, and why that is of no use.
        unfit: Vec<String>,
    },
    /// We are root, and nobody else is there.
    #[error("PostgreSQL refuses to run as root, and this machine has neither a user postgres nor a user nobody")]
    NoUser,
    /// No folder is fit for its socket.
    #[error("there is no folder for a server: {0}")]
    NoFolder(String),
    /// It did not start.
    #[error("PostgreSQL {version} from {folder} did not start{}", lines(log.lines()))]
    NotStarted {
        /// Its version.
        version: String,
        /// Where its programs are.
        folder: String,
        /// The last lines that it said.
        log: String,
    },
    /// The operating system refused something.
    #[error("cannot {0}: {1}")]
    System(&'static str, io::Error),
}

fn lines<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.map(|line| format!("\n  {line}")).collect::<Vec<_>>().concat()
}

const ON_A_SERVER: &str = "to rehearse on a server that is there, add\n--addr=postgres://user@host/database";

impl ScratchError {
    /// Returns what helps.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoPrograms { .. } => {
                "install it: apt install postgresql, dnf install postgresql-server,\n\
                 brew install postgresql; or rehearse on a server that is there:\n\
                 pevensie-pg rehearse --addr=postgres://user@host/database"
            }
            Self::NoUser => "run it as an ordinary user, or rehearse on a server that is there: --addr",
            Self::NoFolder(_) => {
                "set TMPDIR to a folder with a short name,\nor rehearse on a server that is there: --addr"
            }
            Self::NotStarted { .. } | Self::System(..) => ON_A_SERVER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_it_was_looked_for_and_what_was_found_is_said() {
        let error = ScratchError::NoPrograms {
            looked: ["PATH", "/usr/lib/postgresql/*/bin"].map(str::to_owned).to_vec(),
            unfit: vec!["found: 14.23 in /usr/lib/postgresql/14/bin: too old".to_owned()],
        };
        insta::assert_snapshot!(error, @r"
        there is no PostgreSQL of version 15 or newer on this machine
          looked in: PATH
                     /usr/lib/postgresql/*/bin
          found: 14.23 in /usr/lib/postgresql/14/bin: too old
        ");
    }
}
