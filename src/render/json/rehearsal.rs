//! A rehearsal, stage by stage.

use std::time::Duration;

use serde::Serialize;

use super::{DatabaseBody, StepBody, steps};
use crate::migration::plan::Plan;
use crate::migration::rehearsal::Part;

/// What `rehearse` says.
#[derive(Debug, Serialize)]
pub struct RehearsalBody<'a> {
    /// The scratch database.
    pub database: DatabaseBody<'a>,
    /// Every stage, each of them verified.
    pub runs: Vec<StageBody<'a>>,
    /// How long all of it took.
    pub milliseconds: u128,
    /// Where the scratch database stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<KeptBody>,
}

/// A stage of a rehearsal.
#[derive(Debug, Serialize)]
pub struct StageBody<'a> {
    part: &'static str,
    steps: Vec<StepBody<'a>>,
    milliseconds: u128,
}

impl<'a> StageBody<'a> {
    /// Describes a stage.
    #[must_use]
    pub fn of(part: Part, plan: &Plan<'a>, elapsed: Duration) -> Self {
        let part = match part {
            Part::Up => "up",
            Part::Down => "down",
            Part::FirstVersions => "first_versions",
            Part::Upgrade => "upgrade",
            Part::DownTogether => "down_together",
            Part::UpTogether => "up_together",
        };
        Self { part, steps: steps(plan), milliseconds: elapsed.as_millis() }
    }
}

/// A scratch database that stays.
#[derive(Debug, Serialize)]
pub struct KeptBody {
    /// Its address.
    pub address: String,
    /// The command that removes it.
    pub removal: String,
}
