//! Differences between a schema and what it should be.

use similar::{ChangeTag, TextDiff};

use super::problem::Problem;
use super::{counted, paint};
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
        let count = counted(differences.len(), "difference");
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
    use crate::migration::module::Module;
    use crate::schema::catalog::Object;

    fn difference(kind: &str, identity: &str, change: Change) -> Difference {
        Difference { object: Object { kind: kind.to_owned(), identity: identity.to_owned() }, change }
    }

    fn column_changed() -> Difference {
        let change = Change::Changed { expected: "text not null".to_owned(), found: "text null".to_owned() };
        difference("column", "cache.value", change)
    }

    #[test]
    fn differences_are_problems_with_what_is_and_what_should_be() {
        let (expected, found) = (String::new(), "logged".to_owned());
        let differences = [
            column_changed(),
            difference("type", "x", Change::Missing { expected }),
            difference("table", "mine", Change::Extra { found: found.clone() }),
            difference("table", "old", Change::Obsolete { found }),
        ];
        let expected = [
            "column pevensie.cache.value was changed\n  expected: text not null\n  found:    text null",
            "type pevensie.x is missing",
            "table pevensie.mine is extra\n  found:    logged",
            "table pevensie.old is obsolete\n  found:    logged",
        ];
        assert_eq!(problems(&differences), expected.map(Problem::new));
        let version = "20241222140532".parse().unwrap();
        let all = [differences[..1].to_vec(), differences[..2].to_vec()];
        let all = all.map(|differences| Mismatch { module: Module::Cache, version, differences });
        let summary = |differences: &str| {
            let message = format!("cache cannot be adopted: it is not cache 20241222140532 ({differences})");
            Problem::new(message).with_hint(Some("nothing was changed; mend the differences, then run it again"))
        };
        let [first, second] = [0, 1].map(|nth| Problem::new(expected[nth]));
        let expected = [first.clone(), summary("1 difference"), first, second, summary("2 differences")];
        assert_eq!(mismatches(&all), expected);
    }

    #[test]
    fn what_differs_is_bold() {
        let bold = |word: &str| format!("{} not null", paint::bold(word));
        assert_eq!(marked("text not null", "bytea not null"), (bold("text"), bold("bytea")));
    }

    #[test]
    fn differences_are_shown_with_what_mends_them() {
        let differences = [
            column_changed(),
            difference(
                "column",
                "cache.key",
                Change::Changed { expected: "text not null".to_owned(), found: "bytea not null".to_owned() },
            ),
            difference("index", "session.mine", Change::Extra { found: "CREATE INDEX mine ON x".to_owned() }),
            difference("type", "mine", Change::Extra { found: String::new() }),
            difference("index", "session.old", Change::Obsolete { found: "CREATE INDEX old ON x".to_owned() }),
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
        extra type pevensie.mine
        obsolete index pevensie.session.old
          found:    CREATE INDEX old ON x
          to mend:  drop index pevensie.old;
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
    }
}
