//! Documents about several databases, a line for each.

use serde::Serialize;

use super::{Document, IS_JSON};

/// Which of several databases a document is about.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Place<'a> {
    /// Its place in the order in which they were given, from 1.
    pub number: usize,
    /// Where it is, as people are told, too.
    pub address: &'a str,
}

#[derive(Debug, Serialize)]
struct Placed<'a, T> {
    #[serde(flatten)]
    place: Place<'a>,
    #[serde(flatten)]
    body: T,
}

/// Writes a document about one of several databases, in a line of its own.
///
/// # Panics
/// Never: every document can be written.
pub fn line<T: Serialize>(command: &'static str, place: Place<'_>, body: T) -> String {
    serde_json::to_string(&Document::of(command, Placed { place, body })).expect(IS_JSON) + "\n"
}
