//! The server's programs on this machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use super::ScratchError;
use super::user::{User, command};
use crate::migration::preflight::OLDEST_SERVER;

/// Where packages put them; `*` is the version.
const USUAL_FOLDERS: [&str; 8] = [
    "usr/lib/postgresql/*/bin",
    "usr/libexec/postgresql*",
    "usr/pgsql-*/bin",
    "usr/local/pgsql*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
];

/// A server that can be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    /// Where `initdb` and `postgres` are.
    pub folder: PathBuf,
    /// Its version, such as `17.10`.
    pub version: String,
}

impl Programs {
    /// Finds the first that will do: on the PATH, where `pg_config` says, then in the usual folders, newest first.
    ///
    /// # Errors
    /// When there is none, or none that an ordinary user can run where we are root.
    pub fn find() -> Result<Self, ScratchError> {
        let user = User::in_place_of_root()?;
        let mut unfit = Vec::new();
        for folder in folders(env::var_os("PATH").as_deref(), configured(), Path::new("/")) {
            match version(&folder, user) {
                Ok(version) if is_new_enough(&version) => return Ok(Self { folder, version }),
                Ok(version) => unfit.push(format!("found: {version} in {}: too old", folder.display())),
                Err(why) => unfit.push(format!("found: {}: {why}", folder.display())),
            }
        }
        let usual = USUAL_FOLDERS.map(|folder| format!("/{folder}"));
        let looked = ["PATH", "pg_config --bindir"].into_iter().map(str::to_owned).chain(usual).collect();
        Err(ScratchError::NoPrograms { looked, unfit })
    }
}

fn configured() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    if output.status.success() { bindir(&output.stdout) } else { None }
}

/// Reads the folder that it names. A relative one would be looked for wherever this process happens to be.
fn bindir(said: &[u8]) -> Option<PathBuf> {
    let folder = PathBuf::from(str::from_utf8(said).ok()?.trim());
    folder.is_absolute().then_some(folder)
}

/// Lists the folders that hold both programs, best first, each once.
fn folders(path: Option<&OsStr>, configured: Option<PathBuf>, root: &Path) -> Vec<PathBuf> {
    let mut usual: Vec<(u32, PathBuf)> = USUAL_FOLDERS.iter().flat_map(|pattern| matching(root, pattern)).collect();
    usual.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let candidates = path.into_iter().flat_map(env::split_paths).chain(configured);
    let mut folders = Vec::new();
    for candidate in candidates.chain(usual.into_iter().map(|(_, folder)| folder)) {
        // Behind a link lies the folder that has the rest, too.
        let Some(folder) =
            fs::canonicalize(candidate.join("initdb")).ok().and_then(|program| Some(program.parent()?.to_owned()))
        else {
            continue;
        };
        if folder.join("postgres").is_file() && !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// Lists what a pattern stands for, with the number that stands in the place of its `*`.
fn matching(root: &Path, pattern: &str) -> Vec<(u32, PathBuf)> {
    let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let entries = fs::read_dir(root.join(parent)).into_iter().flatten().flatten();
    let version = |name: &OsStr| {
        let digits: String = name.to_str()?.strip_prefix(prefix)?.chars().take_while(char::is_ascii_digit).collect();
        Some(digits.parse().unwrap_or_default())
    };
    let named = entries.filter_map(|entry| Some((version(&entry.file_name())?, entry.path())));
    named.map(|(version, path)| (version, path.join(after.trim_start_matches('/')))).collect()
}

/// Asks a server for its version, as the user who is to run it.
fn version(folder: &Path, user: Option<User>) -> Result<String, String> {
    let output = command(folder.join("postgres"), user).arg("--version").output().map_err(|error| error.to_string())?;
    // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    words.split_whitespace().nth(2).map(str::to_owned).ok_or_else(|| "postgres --version says nothing".to_owned())
}

fn is_new_enough(version: &str) -> bool {
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    major.parse().is_ok_and(|major: u32| major >= OLDEST_SERVER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_comes_first_and_then_the_newest() {
        let root = env::temp_dir().join(format!("pevensie-pg-programs-{}", std::process::id()));
        let installed = [
            "usr/lib/postgresql/9.6/bin",
            "usr/lib/postgresql/15/bin",
            "usr/pgsql-17/bin",
            "opt/homebrew/opt/postgresql@16/bin",
            "mine/bin",
            "half/bin",
            "configured/bin",
        ];
        for folder in installed {
            let folder = root.join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("initdb"), "").unwrap();
            fs::write(folder.join("postgres"), "").unwrap();
        }
        fs::remove_file(root.join("half/bin/postgres")).unwrap();
        fs::create_dir_all(root.join("links")).unwrap();
        std::os::unix::fs::symlink(root.join("mine/bin/initdb"), root.join("links/initdb")).unwrap();
        let root = fs::canonicalize(&root).unwrap();
        let path =
            env::join_paths(["half/bin", "nothing", "links", "mine/bin"].map(|folder| root.join(folder))).unwrap();
        let found = folders(Some(&path), Some(root.join("configured/bin")), &root);
        let shown: Vec<_> = found.iter().map(|folder| folder.strip_prefix(&root).unwrap().to_str().unwrap()).collect();
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(
            shown,
            [
                "mine/bin",
                "configured/bin",
                "usr/pgsql-17/bin",
                "opt/homebrew/opt/postgresql@16/bin",
                "usr/lib/postgresql/15/bin",
                "usr/lib/postgresql/9.6/bin",
            ]
        );
    }

    #[test]
    fn only_an_absolute_folder_is_believed() {
        for (said, folder) in [("/usr/bin\n", Some("/usr/bin")), ("", None), ("\n", None), ("bin\n", None)] {
            assert_eq!(bindir(said.as_bytes()).as_deref(), folder.map(Path::new), "{said:?}");
        }
    }

    #[test]
    fn versions_are_told_apart_by_their_first_number() {
        for (version, is_enough) in
            [("15.18", true), ("18.4", true), ("19devel", true), ("14.23", false), ("9.6.24", false), ("", false)]
        {
            assert_eq!(is_new_enough(version), is_enough, "{version}");
        }
    }
}
