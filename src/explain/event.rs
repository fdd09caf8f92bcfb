//! What happens on the way, as people are told.

use super::obstacle;
use crate::pg::apply::{Event, Progress};
use crate::render::steps;

/// Says what a run does or waits for.
#[must_use]
pub fn text(event: &Event<'_>) -> String {
    match event {
        Event::Connecting(error) => format!("waiting for the server: {error}"),
        Event::Waiting(holder) => format!("waiting for another migrator to finish{}", obstacle::held_by(*holder)),
        Event::BeingBuilt(index) => format!("waiting for another session to build index pevensie.{index}"),
        Event::Planned(plan) => steps::planned(plan),
        Event::Blocked(blockers) => format!("waiting for a lock{}", obstacle::blocked_by(blockers)),
        Event::BlockedAgain => "waiting for a lock".to_owned(),
        Event::Queued(location) => {
            let statement = location.as_ref().and_then(|l| l.sql[l.span.clone()].lines().next());
            let statement = statement.map(|line| format!(" ({line} …)")).unwrap_or_default();
            format!("rolled back, waiting for another session's lock on a table{statement}")
        }
        Event::Silent => "waiting for a second connection, which a pooler may have none left for".to_owned(),
        Event::Raced => "somebody else changed the same objects at the same moment; looking again".to_owned(),
        Event::Online(index) => format!("building index pevensie.{index} while its table stays in use"),
        Event::Building(progress) => progress_text(progress),
        Event::Discarding(index) => format!("dropping the unfinished index pevensie.{index}"),
        Event::Running(plan) => steps::running(plan),
        Event::Committing => "committing".to_owned(),
        Event::Done(plan) => steps::done(plan),
        Event::Warned(warning) => warning.clone(),
        Event::FindingOut => "the connection was lost during the commit; asking the database how it ended".to_owned(),
    }
}

/// Says it in a few words, for beside a clock.
#[must_use]
pub fn brief(event: &Event<'_>) -> String {
    let words = match event {
        Event::Connecting(_) => "waiting for the server",
        Event::Waiting(_) => "waiting for another migrator to finish",
        Event::BeingBuilt(_) => "waiting for the index",
        Event::Blocked(_) => "waiting for a lock",
        Event::Queued(_) => "waiting, then trying again",
        Event::Silent => "waiting for a second connection",
        Event::Online(_) => "building the index",
        Event::Discarding(_) => "dropping the index",
        Event::FindingOut => "asking the database how it ended",
        Event::Planned(_)
        | Event::BlockedAgain
        | Event::Raced
        | Event::Building(_)
        | Event::Running(_)
        | Event::Committing
        | Event::Done(_)
        | Event::Warned(_) => return text(event),
    };
    words.to_owned()
}

/// `building index: scanning table, 42 %`, `waiting for writers before build, 1 of 3`
fn progress_text(Progress { phase, done, total }: &Progress) -> String {
    match done.saturating_mul(100).checked_div(*total) {
        Some(_) if phase.starts_with("waiting") => format!("{phase}, {done} of {total}"),
        Some(percent) => format!("{phase}, {} %", percent.min(100)),
        None => phase.clone(),
    }
}
