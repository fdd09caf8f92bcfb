//! `docs/messages.md`: everything that is ever said, so that it can be read in one go. The chapters are written by tests, some
//! here and some beside the code. `UPDATE_MESSAGES=1 scripts/test --quick messages` writes them anew.

use std::sync::{Mutex, PoisonError};
use std::{env, fs};

/// One chapter at a time.
static PAGE: Mutex<()> = Mutex::new(());

/// Compares a chapter, from the line below its heading to the next heading, with what it should be.
#[track_caller]
pub(crate) fn assert_chapter(title: &str, text: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/messages.md");
    let _one = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let page = fs::read_to_string(path).expect("the page is there");
    let heading = format!("\n## {title}\n");
    let (before, rest) = page.split_once(&heading).unwrap_or_else(|| panic!("{path} has no chapter {title:?}"));
    let end = rest.find("\n## ").unwrap_or(rest.len());
    let expected = format!("\n{}\n", text.trim_end());
    if env::var_os("UPDATE_MESSAGES").is_some() {
        fs::write(path, format!("{before}{heading}{expected}{}", &rest[end..])).expect("the page can be written");
    } else {
        let update = "UPDATE_MESSAGES=1 scripts/test --quick messages";
        assert!(rest[..end] == expected, "chapter {title:?} of {path} is stale; run: {update}\n{expected}");
    }
}
