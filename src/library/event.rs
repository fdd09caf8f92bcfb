//! What there is to tell on the way.

use std::fmt;

use crate::explain;
use crate::pg::apply;

/// Something that a [`Migrator`](super::Migrator) tells on its way, in the words of the tool; lines after the first one say
/// more.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// It waits, for another migrator, a table or the server.
    Waiting(String),
    /// It does something that takes time, or has come so far with it.
    Working(String),
    /// It has applied or adopted a migration, which stays whatever comes after it.
    Done(String),
}

impl Event {
    /// Says it in public words; nothing where there is nothing to say.
    pub(super) fn of(event: &apply::Event<'_>) -> Vec<Self> {
        let text = explain::event::text(event);
        let text = console::strip_ansi_codes(&text).into_owned();
        match event {
            apply::Event::Connecting(_)
            | apply::Event::Waiting(_)
            | apply::Event::BeingBuilt(_)
            | apply::Event::Blocked(_)
            | apply::Event::BlockedAgain
            | apply::Event::Queued(_)
            | apply::Event::Silent
            | apply::Event::FindingOut => vec![Self::Waiting(text)],
            apply::Event::Raced
            | apply::Event::Online(_)
            | apply::Event::Building(_)
            | apply::Event::Discarding(_)
            | apply::Event::Running(_)
            | apply::Event::Committing => vec![Self::Working(text)],
            apply::Event::Done(_) => text.lines().map(|line| Self::Done(line.to_owned())).collect(),
            // What a server warns of goes to the pool whose client was lent.
            apply::Event::Planned(_) | apply::Event::Warned(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting(text) | Self::Working(text) | Self::Done(text) => f.write_str(text),
        }
    }
}
