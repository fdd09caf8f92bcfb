//! Bare statements: for a pipe, for another tool's file, for reading.

use crate::migration::plan::Plan;
use crate::migration::script::Script;

/// Writes the statements of a plan, without transaction control.
#[must_use]
pub fn write(plan: &Plan<'_>) -> String {
    Script::of(plan).text()
}
