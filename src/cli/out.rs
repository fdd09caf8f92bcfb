//! Files for other tools, written into a folder: all that is new, or nothing.

use std::fs::{self, DirEntry};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::failure::Failure;
use crate::export::File;
use crate::render::json::FileBody;
use crate::render::problem::Problem;

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It is new.
    Written,
    /// It was there already, and has got more lines.
    Extended,
    /// It was there already, the same.
    Kept,
}

impl FileState {
    /// Returns what is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Extended => "extended",
            Self::Kept => "kept",
        }
    }
}

/// Returns the names of the files in a folder, and of those in the folders within it as `folder/file`; none if it is not
/// there yet.
pub fn names(folder: &Path) -> Result<Vec<String>, Failure> {
    if !folder.try_exists().is_ok_and(|exists| exists) {
        return Ok(Vec::new());
    }
    listed(folder).with_context(|| format!("cannot read the folder {}", folder.display())).map_err(Failure::Other)
}

fn listed(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            for file in fs::read_dir(entry.path())? {
                names.push(format!("{}/{}", name(&entry), name(&file?)));
            }
        } else {
            names.push(name(&entry));
        }
    }
    Ok(names)
}

fn name(entry: &DirEntry) -> String {
    entry.file_name().to_string_lossy().into_owned()
}

/// Writes what is not there yet. Refuses before anything is written if a file is there with another content.
pub fn write<'f>(folder: &Path, files: &'f [File]) -> Result<Vec<(&'f File, FileState)>, Failure> {
    let mut outcome = Vec::new();
    let mut differing = Vec::new();
    for file in files {
        let path = folder.join(&file.path);
        let state = match read(&path)? {
            None => FileState::Written,
            Some(existing) if existing == file.text => FileState::Kept,
            Some(existing) if file.is_list && file.merged(&existing) == existing => FileState::Kept,
            Some(_) if file.is_list => FileState::Extended,
            Some(_) => {
                differing.push(path.display().to_string());
                FileState::Kept
            }
        };
        outcome.push((file, state));
    }
    if !differing.is_empty() {
        return Err(Failure::InTheWay(Box::new(refusal(&differing))));
    }
    let mut written = Vec::new();
    for (file, state) in &outcome {
        let path = folder.join(&file.path);
        let done = match state {
            FileState::Written => create(&path, &file.text).inspect(|()| written.push(path)),
            FileState::Extended => extend(&path, file),
            FileState::Kept => Ok(()),
        };
        if let Err(error) = done {
            for path in written {
                let _ = fs::remove_file(path); // a rest is the same file, and kept by the next attempt
            }
            return Err(Failure::Other(error));
        }
    }
    Ok(outcome)
}

fn refusal(differing: &[String]) -> Problem {
    let (subject, object) =
        if differing.len() == 1 { ("a file is", "that file") } else { ("files are", "those files") };
    let paths = differing.join("\n  ");
    Problem::new(format!("{subject} there with another content; nothing was written\n  {paths}")).with_hint(Some(
        format!(
            "what a tool may have applied must not change: keep {object}, and export what is newer,\n\
         with --from and the version {object} came with; or export to an empty folder and compare"
        ),
    ))
}

fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Other(anyhow::Error::new(error).context(format!("cannot read {}", path.display())))),
    }
}

/// Writes a file that is not there, as a whole or not at all.
fn create(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path).with_context(cannot)?;
    file.write_all(text.as_bytes()).inspect_err(|_| drop(fs::remove_file(path))).with_context(cannot)
}

/// Adds to a list what it lacks.
fn extend(path: &Path, file: &File) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    let existing = fs::read_to_string(path).with_context(cannot)?;
    let new = PathBuf::from(format!("{}.new", path.display()));
    fs::write(&new, file.merged(&existing)).and_then(|()| fs::rename(&new, path)).with_context(cannot)
}

/// Says what became of each file, in a line each.
#[must_use]
pub fn lines(outcome: &[(&File, FileState)]) -> String {
    let line = |(file, state): &(&File, FileState)| format!("{:<8}  {}\n", state.name(), file.path);
    outcome.iter().map(line).collect::<Vec<_>>().concat()
}

/// Says the same for machines.
#[must_use]
pub fn body<'f>((file, state): &(&'f File, FileState)) -> FileBody<'f> {
    FileBody { path: &file.path, text: None, state: Some(state.name()) }
}
