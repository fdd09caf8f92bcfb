//! What a run tells on its way, for those who look on.

use super::ui::Ui;
use crate::explain;
use crate::pg::apply::Event;
use crate::render::problem::{Gravity, Problem};

/// What an event is to those who look on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Something may take long from now on.
    Wait,
    /// Something else is being done now.
    Turn,
    /// It goes on.
    Progress,
    /// It is worth a word.
    Word,
    /// Something may be wrong.
    Warning,
    /// It is told in other ways.
    None,
}

/// Says what an event is to those who look on.
pub fn weight(event: &Event<'_>) -> Weight {
    match event {
        Event::Connecting(_)
        | Event::Waiting(_)
        | Event::BeingBuilt(_)
        | Event::Blocked(_)
        | Event::Queued(_)
        | Event::Silent
        | Event::Online(_)
        | Event::Discarding(_)
        | Event::FindingOut => Weight::Wait,
        Event::BlockedAgain | Event::Running(_) | Event::Committing => Weight::Turn,
        Event::Building(_) => Weight::Progress,
        Event::Raced => Weight::Word,
        Event::Warned(_) => Weight::Warning,
        Event::Planned(_) | Event::Done(_) => Weight::None,
    }
}

/// Tells what a run does and waits for.
pub fn tell(ui: &Ui, event: &Event<'_>) {
    let text = || explain::event::text(event);
    match weight(event) {
        Weight::Wait => ui.wait(&text(), &explain::event::brief(event)),
        Weight::Turn => ui.busy(&text()),
        Weight::Progress => ui.progress(&text()),
        Weight::Word => ui.say(&text()),
        Weight::Warning => ui.problem(&Problem::new(text()), Gravity::Warning),
        Weight::None => {}
    }
}
