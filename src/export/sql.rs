//! Bare statements: for a pipe, for another tool's file, for reading.

use std::fmt::Write as _;

use super::{Format, Shape};
use crate::migration::plan::{Manner, Plan};
use crate::migration::script::Script;

pub(super) const FORMAT: Format = Format {
    name: "sql",
    summary: "Bare statements, without BEGIN and COMMIT",
    shape: Shape::Script { manner: Manner::Transaction, write: |plan, _| write(plan) },
};

/// Writes the statements of a plan: without transaction control, unless some of them cannot run in a transaction.
#[must_use]
pub fn write(plan: &Plan<'_>) -> String {
    let batches = plan.batches();
    if batches.iter().all(|batch| batch.manner == Manner::Transaction) {
        return Script::of(plan).text();
    }
    let mut text = String::new();
    for batch in &batches {
        for script in Script::outside(&batch.plan) {
            let _ = writeln!(text, "{}", script.text());
        }
        let _ = writeln!(text, "begin;\n\n{}\ncommit;\n", Script::of(&batch.plan).text());
    }
    text.truncate(text.trim_end().len() + 1);
    text
}
