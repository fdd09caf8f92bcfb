//! What a status says: to people, to machines, and as one of many.

use super::StatusArgs;
use super::found::Found;
use crate::cli::ui::Ui;
use crate::migration::status::Verdict;
use crate::pg::look::Survey;
use crate::render::json::{Parts, StatusBody};
use crate::render::many::{Row, Word};
use crate::render::problem::{self, Gravity};
use crate::render::{annotation, counted, drift, status};

/// Writes it for people.
pub(super) fn text(args: &StatusArgs, found: &Found<'_>) -> String {
    let Found { bundle, survey: Survey { glimpse, .. }, status, drift, indexes, standing, .. } = found;
    let room = Ui::room();
    let mut sections = vec![
        status::text(status, &glimpse.server.now, indexes, room),
        drift::text(&bundle.applied(&glimpse.ledger), drift),
    ];
    sections.extend(standing.as_ref().map(status::standing));
    if args.history {
        sections.push(status::history(&glimpse.history, room));
    }
    sections.retain(|section| !section.is_empty());
    sections.join("\n")
}

/// Writes it for machines.
pub(super) fn body<'a>(found: &'a Found<'a>) -> StatusBody<'a> {
    let Found { bundle, survey: Survey { glimpse, .. }, status, drift, indexes, standing, verdict, .. } = found;
    let parts = Parts {
        server: &glimpse.server,
        ledger: &glimpse.ledger,
        history: &glimpse.history,
        indexes,
        standing: standing.as_ref(),
    };
    StatusBody::of(bundle, parts, status, drift, *verdict)
}

/// Writes what it comes to, in a line, and what is wrong.
pub(super) fn row(found: &Found<'_>) -> Row {
    let Found { bundle, survey, status, drift, standing, verdict, .. } = found;
    let (word, summary) = match verdict {
        Verdict::Good => (Word::Good, String::new()),
        Verdict::Pending if status.modules.is_empty() => (Word::Pending, "nothing is installed".to_owned()),
        Verdict::Pending => (Word::Pending, counted(status.pending().len(), "migration")),
        Verdict::Drifted => (Word::Drifted, String::new()),
        Verdict::Faulty => (Word::Faulty, String::new()),
    };
    let faults = status.faults.iter().map(|fault| problem::text(&fault.into(), Gravity::Error)).collect::<String>();
    let standing = standing.as_ref().map(status::standing).unwrap_or_default();
    Row { word, summary, details: faults + &drift::text(&bundle.applied(&survey.glimpse.ledger), drift) + &standing }
}

/// Writes what GitHub Actions is to show beside the run.
pub(super) fn annotations(args: &StatusArgs, found: &Found<'_>) -> String {
    if !args.check || std::env::var("GITHUB_ACTIONS").as_deref() != Ok("true") {
        return String::new();
    }
    let standing = found.standing.iter().map(|standing| annotation::standing(standing, found.strictness));
    annotation::text(&found.status, &found.drift, found.strictness) + &standing.collect::<String>()
}
