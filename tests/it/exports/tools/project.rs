//! A project whose migrations another tool runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Database, Folder, files_below, output_of, pevensie_pg};

/// How one tool is used.
pub(super) struct Tool {
    /// The format that is exported for it.
    pub(super) format: &'static str,
    /// The folder of the project that holds the migrations.
    pub(super) folder: &'static str,
    /// Whether it takes less than a second.
    pub(super) is_quick: bool,
    /// Makes of an empty folder a project of the tool.
    pub(super) set_up: fn(&Project<'_>),
    /// Applies all migrations that are not applied.
    pub(super) up: fn(&Project<'_>),
    /// Rolls so many of them back, where the tool can.
    pub(super) down: Option<fn(&Project<'_>, Depth)>,
}

/// How many migrations to roll back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    One,
    All,
}

/// A folder, and the database of the project.
pub(super) struct Project<'d> {
    pub(super) tool: &'d Tool,
    pub(super) database: &'d Database<'d>,
    folder: Folder,
}

impl<'d> Project<'d> {
    pub(super) fn new(tool: &'d Tool, database: &'d Database<'d>) -> Self {
        let project = Self { tool, database, folder: Folder::new() };
        (tool.set_up)(&project);
        fs::create_dir_all(project.migrations()).expect("the temporary folder is writable");
        project
    }

    /// The folder of the project.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn write(&self, name: &str, content: &str) {
        self.folder.write(name, content);
    }

    /// The folder of the migrations.
    pub(super) fn migrations(&self) -> PathBuf {
        self.path().join(self.tool.folder)
    }

    /// Exports into the folder of the migrations.
    pub(super) fn export(&self, arguments: &[&str]) {
        let out = format!("--out={}", self.migrations().display());
        pevensie_pg(&[&["print", "--format", self.tool.format, &out], arguments].concat()).run().ok();
    }

    /// Puts the hostile files into the folder of the migrations.
    pub(super) fn take_hostile(&self) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile").join(self.tool.format);
        for (name, text) in files_below(&folder) {
            let path = self.migrations().join(name);
            fs::create_dir_all(path.parent().expect("a file is in a folder"))
                .expect("the temporary folder is writable");
            fs::write(path, text).expect("the temporary folder is writable");
        }
    }

    /// The content of every file of the migrations.
    pub(super) fn files(&self) -> BTreeMap<String, String> {
        files_below(&self.migrations())
    }

    pub(super) fn up(&self) {
        (self.tool.up)(self);
    }

    /// Says whether the tool can do that.
    pub(super) fn down(&self, depth: Depth) -> bool {
        if let Some(down) = self.tool.down {
            down(self, depth);
        }
        self.tool.down.is_some()
    }

    /// A program of the tool, about to run in the project, with the database's address in `DATABASE_URL`.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default()).env("HOME", self.path());
        command.env("DATABASE_URL", self.database.url()).current_dir(self.path());
        command
    }
}

/// Runs a command, which has to succeed, and returns what it says.
#[track_caller]
pub(super) fn run(command: &mut Command) -> String {
    attempt(command).unwrap_or_else(|words| panic!("{command:?}: {words}"))
}

/// Runs a command and returns what it says: the error if it fails.
#[track_caller]
pub(super) fn attempt(command: &mut Command) -> Result<String, String> {
    let output = output_of(command);
    let words = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(words.into_owned()) } else { Err(words.into_owned()) }
}
