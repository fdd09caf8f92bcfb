//! Differences between a schema and what it should be.

use similar::{ChangeTag, TextDiff};

use super::paint;
use super::problem::Problem;
use crate::migration::bundle::Bundle;
use crate::schema::adoption::Mismatch;
use crate::schema::drift::{Change, Difference};
use crate::schema::repair::{self, Mend};

/// Writes every difference of a database that has these migrations, with what was expected and found, and what would mend it.
#[must_use]
pub fn text(applied: &Bundle, differences: &[Difference]) -> String {
    differences.iter().map(|difference| one(applied, difference, differences)).collect()
}

fn one(applied: &Bundle, difference: &Difference, all: &[Difference]) -> String {
    let object = &difference.object;
    let details = match &difference.change {
        Change::Missing { .. } => format!("{} {object}\n", paint::bad("missing")),
        Change::Changed { expected, found } => {
            let (expected, found) = marked(expected, found);
            format!("{} {object}\n  expected: {expected}\n  found:    {found}\n", paint::bad("changed"))
        }
        Change::Obsolete { found } => format!("{} {object}\n  found:    {found}\n", paint::bad("obsolete")),
        Change::Extra { found } if found.is_empty() => format!("{} {object}\n", paint::attention("extra")),
        Change::Extra { found } => format!("{} {object}\n  found:    {found}\n", paint::attention("extra")),
    };
    let mend = match repair::mend(applied, difference, all) {
        Some(Mend::Statements(sql)) => format!("  to mend:  {}\n", sql.replace('\n', "\n            ")),
        Some(Mend::ByHand(advice)) => format!("  by hand:  {advice}\n"),
        None => String::new(),
    };
    format!("{details}{mend}")
}

/// Marks the words in which two definitions differ.
fn marked(expected: &str, found: &str) -> (String, String) {
    let diff = TextDiff::from_words(expected, found);
    let side = |mine: ChangeTag| {
        let words = diff.iter_all_changes().filter(|change| change.tag() == mine || change.tag() == ChangeTag::Equal);
        words
            .map(|change| if change.tag() == mine { paint::bold(change.value()) } else { change.value().to_owned() })
            .collect()
    };
    (side(ChangeTag::Delete), side(ChangeTag::Insert))
}

/// Makes a problem of each difference.
#[must_use]
pub fn problems(differences: &[Difference]) -> Vec<Problem> {
    let problem = |difference: &Difference| {
        let (expected, found) = match &difference.change {
            Change::Missing { expected } => (Some(expected), None),
            Change::Changed { expected, found } => (Some(expected), Some(found)),
            Change::Obsolete { found } | Change::Extra { found } => (None, Some(found)),
        };
        let line = |word, text: Option<&String>| {
            text.filter(|text| !text.is_empty()).map(|text| format!("\n  {word} {text}")).unwrap_or_default()
        };
        Problem::new(format!("{difference}{}{}", line("expected:", expected), line("found:   ", found)))
    };
    differences.iter().map(problem).collect()
}

/// Makes problems of modules that cannot be adopted.
#[must_use]
pub fn mismatches(mismatches: &[Mismatch]) -> Vec<Problem> {
    let of_one = |Mismatch { module, version, differences }: &Mismatch| {
        let count = match differences.len() {
            1 => "1 difference".to_owned(),
            n => format!("{n} differences"),
        };
        let message = format!("{module} cannot be adopted: it is not {module} {version} ({count})");
        let hint = "nothing was changed; mend the differences, then run it again";
        let mut problems = problems(differences);
        problems.push(Problem::new(message).with_hint(Some(hint)));
        problems
    };
    mismatches.iter().flat_map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::catalog::Object;

    #[test]
    fn differences_are_shown_with_what_mends_them() {
        let difference = |kind: &str, identity: &str, change| Difference {
            object: Object { kind: kind.to_owned(), identity: identity.to_owned() },
            change,
        };
        let differences = [
            difference(
                "column",
                "cache.value",
                Change::Changed { expected: "text not null".to_owned(), found: "text null".to_owned() },
            ),
            difference(
                "column",
                "cache.key",
                Change::Changed { expected: "text not null".to_owned(), found: "bytea not null".to_owned() },
            ),
            difference("index", "session.mine", Change::Extra { found: "CREATE INDEX mine ON x".to_owned() }),
            difference("table", "cache", Change::Missing { expected: "unlogged".to_owned() }),
        ];
        let shown = text(&Bundle::embedded(), &differences);
        insta::assert_snapshot!(console::strip_ansi_codes(&shown), @r#"
        changed column pevensie.cache.value
          expected: text not null
          found:    text null
          to mend:  alter table pevensie.cache alter column value set not null;
        changed column pevensie.cache.key
          expected: text not null
          found:    bytea not null
          by hand:  convert what is in its rows, with "alter column ... type ... using ..."
        extra index pevensie.session.mine
          found:    CREATE INDEX mine ON x
        missing table pevensie.cache
          to mend:  create unlogged table pevensie.cache (
                      resource_type pg_catalog.text not null,
                      key pg_catalog.text not null constraint cache_key_key unique,
                      value pg_catalog.text not null,
                      expires_at pg_catalog.timestamptz,
                      constraint cache_pkey primary key (resource_type, key)
                    );
                    alter table pevensie.cache drop constraint cache_key_key;
                    create index cache_expires_at_idx on pevensie.cache using btree (expires_at);
        "#);
        assert!(shown.contains(&paint::bold("not")), "{shown}");
    }
}
