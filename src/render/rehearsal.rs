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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::rehearsal::stages;

    const EVERY: [Part; 6] =
        [Part::Up, Part::Down, Part::FirstVersions, Part::Upgrade, Part::DownTogether, Part::UpTogether];

    #[test]
    fn a_heading_comes_where_it_is_another() {
        let before = [None].into_iter().chain(EVERY.map(Some));
        let headings: String = before.zip(EVERY).map(|(before, part)| heading(before, part)).collect();
        assert_eq!(console::strip_ansi_codes(&headings), "up, one by one\ndown, one by one\nin one run\n");
    }

    #[test]
    fn each_run_has_a_line() {
        let bundle = Bundle::of_november_2026();
        let [first, _, .., last] = bundle.migrations() else { panic!("there are several") };
        let after = vec![(first.module, first.version)];
        let line = |part, steps: &[Step<'_>], after: &[_]| {
            let mut stage = stages(&bundle, &[]).remove(0);
            (stage.part, stage.after) = (part, after.to_vec());
            let line = verified(&bundle, &stage, &Plan::of(steps), Duration::from_millis(15));
            console::strip_ansi_codes(&line).into_owned()
        };
        let down = |migration| Step::Down { migration, previous: None, with_table: false };
        for (text, expected) in [
            (
                line(Part::Up, &[Step::CreateLedger, Step::Up(first)], &after),
                "  base   20241222140532  uuid7                     15 ms  verified\n",
            ),
            (
                line(Part::Down, &[down(first)], &[]),
                "  base   20241222140532  uuid7                     15 ms  verified, nothing left\n",
            ),
            (
                line(Part::FirstVersions, &[Step::Up(first)], &after),
                "  first versions         1 migration               15 ms  verified\n",
            ),
            (
                line(Part::Upgrade, &[Step::Up(first), Step::Online(last)], &after),
                "  upgrade                2 migrations, 1 online    15 ms  verified\n",
            ),
            (
                line(Part::DownTogether, &[down(last), down(first)], &[]),
                "  down                   2 migrations              15 ms  verified, nothing left\n",
            ),
            (
                line(Part::UpTogether, &[Step::Up(first)], &after),
                "  up                     1 migration               15 ms  verified\n",
            ),
        ] {
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn where_it_fails_and_what_it_comes_to_is_said() {
        assert_eq!(place(Part::Up, Some("x")), "on the way up at x");
        let places: Vec<String> = EVERY.into_iter().map(|part| place(part, None)).collect();
        assert_eq!(
            places,
            [
                "on the way up",
                "on the way down",
                "installing the first versions in one run",
                "upgrading from the first versions",
                "on the way down in one run",
                "on the way up in one run",
            ]
        );
        let server = Server { version: "17.0 (x)".to_owned(), ..Server::default() };
        let said = summary(2, &server, Duration::from_secs(2));
        let expected = "rehearsed 2 migrations up, down and up again on PostgreSQL 17.0 in 2.0 s\n";
        assert_eq!(console::strip_ansi_codes(&said), expected);
    }
}
