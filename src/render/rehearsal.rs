//! A rehearsal, run by run.

use std::time::Duration;

use super::steps::module;
use super::time::duration;
use super::{counted, paint, postgresql};
use crate::migration::bundle::Bundle;
use crate::migration::plan::{Plan, Step};
use crate::migration::rehearsal::{Part, Stage};
use crate::migration::surroundings::Server;

/// Writes a heading where a part begins that has another one than the part before it.
#[must_use]
pub fn heading(before: Option<Part>, part: Part) -> String {
    let title = |part| match part {
        Part::Up => "up, one by one",
        Part::Down => "down, one by one",
        Part::FirstVersions | Part::Upgrade | Part::DownTogether | Part::UpTogether => "in one run",
    };
    if before.map(title) == Some(title(part)) { String::new() } else { format!("{}\n", paint::bold(title(part))) }
}

/// Writes the line of a run that was verified.
#[must_use]
pub fn verified(bundle: &Bundle, stage: &Stage, plan: &Plan<'_>, elapsed: Duration) -> String {
    let (what, which) = (what(stage.part, plan), which(stage.part, plan));
    // As wide as the widest that may come, because no line waits for the next.
    let width = bundle.migrations().iter().map(|migration| migration.name.len()).max().unwrap_or_default();
    let elapsed = duration(elapsed);
    let verified = if stage.after.is_empty() { "verified, nothing left" } else { "verified" };
    format!("  {what:21}  {which:width$}  {elapsed:>7}  {}\n", paint::good(verified))
}

/// Says at which run a rehearsal is.
#[must_use]
pub fn place(part: Part, migration: Option<&str>) -> String {
    let migration = migration.map(|migration| format!(" at {migration}")).unwrap_or_default();
    let part = match part {
        Part::Up => "on the way up",
        Part::Down => "on the way down",
        Part::FirstVersions => "installing the first versions in one run",
        Part::Upgrade => "upgrading from the first versions",
        Part::DownTogether => "on the way down in one run",
        Part::UpTogether => "on the way up in one run",
    };
    format!("{part}{migration}")
}

fn what(part: Part, plan: &Plan<'_>) -> String {
    match part {
        Part::Up | Part::Down => {
            let migrations = plan.migrations().map(|(m, _)| format!("{}  {}", module(m), m.version));
            migrations.collect::<Vec<_>>().join(", ")
        }
        Part::FirstVersions => "first versions".to_owned(),
        Part::Upgrade => "upgrade".to_owned(),
        Part::DownTogether => "down".to_owned(),
        Part::UpTogether => "up".to_owned(),
    }
}

fn which(part: Part, plan: &Plan<'_>) -> String {
    match part {
        Part::Up | Part::Down => plan.migrations().map(|(m, _)| m.name.as_ref()).collect::<Vec<_>>().join(", "),
        Part::FirstVersions | Part::Upgrade | Part::DownTogether | Part::UpTogether => {
            let online = plan.steps().iter().filter(|step| matches!(step, Step::Online(_))).count();
            let online = if online == 0 { String::new() } else { format!(", {online} online") };
            format!("{}{online}", counted(plan.migrations().count(), "migration"))
        }
    }
}

/// Writes what it comes to.
#[must_use]
pub fn summary(count: usize, server: &Server, elapsed: Duration) -> String {
    let what = paint::good(format!("rehearsed {} up, down and up again", counted(count, "migration")));
    format!("{what} on {} in {}\n", postgresql(server), duration(elapsed))
}
