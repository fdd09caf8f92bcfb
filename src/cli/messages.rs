//! Every error and every word about what takes long, for the chapters of `docs/messages.md` that need no server.

mod database;
mod events;
mod refusals;
mod settings;
#[path = "../../tests/it/support/messages.rs"]
mod support;

use std::any::type_name;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use super::exit::Exit;
use super::failure::Failure;
use crate::render::problem::{Gravity, text};

/// Errors as they are shown, and the variants that they are.
#[derive(Default)]
struct Shown {
    text: String,
    variants: BTreeSet<String>,
}

impl Shown {
    fn heading(&mut self, title: &str) {
        self.text.extend(["### ", title, "\n\n"]);
    }

    /// Shows errors of one type, each as what it leads to.
    fn add<T: Debug>(&mut self, errors: impl IntoIterator<Item = T>, failure: impl Fn(T) -> Failure) {
        for error in errors {
            self.variants.insert(variant(&error));
            let failure = failure(error);
            let problems: String = failure.problems().iter().map(|problem| text(problem, Gravity::Error)).collect();
            let exit = failure.exit();
            let code = if exit == Exit::Failed { String::new() } else { format!(" exit {}", exit as u8) };
            let shown = console::strip_ansi_codes(&problems);
            self.text.extend(["```text", &code, "\n", &shown, "```\n\n"]);
        }
    }
}

/// `Enum::Variant`, by the error itself.
fn variant<T: Debug>(error: &T) -> String {
    let (name, debugged) = (type_name::<T>(), format!("{error:?}"));
    let end = debugged.find(|c: char| !c.is_alphanumeric()).unwrap_or(debugged.len());
    format!("{}::{}", name.rsplit("::").next().unwrap_or(name), &debugged[..end])
}

fn errors() -> Shown {
    let mut shown = Shown::default();
    settings::show(&mut shown);
    database::show(&mut shown);
    shown
}

/// The variants that have a message of their own, as the code declares them.
fn declared() -> BTreeSet<String> {
    let mut variants = BTreeSet::new();
    for file in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let code = fs::read_to_string(&file).expect("it can be read");
        let (mut current, mut is_message) = (String::new(), false);
        for line in code.lines().map(str::trim_start) {
            let word = |text: &str| text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
            if let Some((_, name)) = line.split_once("enum ") {
                current = word(name);
            } else if line.starts_with("#[error(") {
                is_message = !line.contains("transparent");
            } else if is_message && line.starts_with(|c: char| c.is_ascii_uppercase()) && !current.is_empty() {
                variants.insert(format!("{current}::{}", word(line)));
                is_message = false;
            } else if line.starts_with("pub struct ") {
                is_message = false;
            }
        }
    }
    variants
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("it is a folder").map(|entry| entry.expect("it is there").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    folders.iter().flat_map(|folder| rust_files(folder)).chain(files).collect()
}

/// What no command ends with as it is: clap says it, or it is put in other words.
const SAID_OTHERWISE: [&str; 5] = [
    "InvalidRole::Empty",
    "InvalidRole::Everybody",
    "InvalidRole::Reserved",
    "InvalidRole::TooLong",
    "ListingError::Dropped",
];

#[test]
fn every_error_is_in_the_messages() {
    let shown = errors();
    support::assert_chapter("Errors", &shown.text);
    let declared: Vec<_> = declared().into_iter().filter(|name| !SAID_OTHERWISE.contains(&name.as_str())).collect();
    let is_hint = |line: &&str| line.starts_with("hint: ") || line.starts_with("      ");
    let is_wide = |line: &&str| console::measure_text_width(line) > 80;
    let wide: Vec<_> = shown.text.lines().filter(is_hint).filter(is_wide).collect();
    assert!(wide.is_empty(), "a hint is broken where it says so, and fits a terminal: {wide:#?}");
    let missing: Vec<_> = declared.iter().filter(|name| !shown.variants.contains(*name)).collect();
    assert!(missing.is_empty(), "src/cli/messages has no example of {missing:?}");
    assert!(declared.len() > 80, "they are found in the code: {declared:?}");
}

#[test]
fn every_event_is_in_the_messages() {
    support::assert_chapter("While it works", &events::shown());
}
