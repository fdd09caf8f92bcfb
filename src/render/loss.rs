//! What a rollback destroys.

use super::paint;
use super::steps;
use super::table::columns;
use crate::migration::impact::Effect;
use crate::migration::migration::Migration;

/// What goes with one migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss<'b> {
    /// The migration that is rolled back.
    pub migration: &'b Migration,
    /// Its tables, with the number of rows in each where they could be counted.
    pub tables: Vec<(String, Option<u64>)>,
    /// What the users of the other tables notice.
    pub effects: Vec<Effect>,
}

/// Beyond this many rows nobody counts on.
pub const MOST_ROWS_COUNTED: u64 = 1_000_000;

/// Writes a line for each migration, with what it means for others, and one for each table that goes with it.
#[must_use]
pub fn text(losses: &[Loss<'_>]) -> String {
    let title = |Loss { migration, effects, .. }: &Loss<'_>| {
        let Migration { module, version, name, .. } = migration;
        vec![format!("  {module}"), version.to_string(), name.to_string(), steps::effects(effects)]
    };
    let tables = |Loss { tables, .. }: &Loss<'_>| {
        let table =
            |(name, rows): &(String, Option<u64>)| vec![format!("    drops table pevensie.{name}"), count(*rows)];
        columns(&tables.iter().map(table).collect::<Vec<_>>())
    };
    let titles = columns(&losses.iter().map(title).collect::<Vec<_>>());
    titles.lines().zip(losses).flat_map(|(title, loss)| [title.to_owned(), "\n".to_owned(), tables(loss)]).collect()
}

fn count(rows: Option<u64>) -> String {
    match rows {
        None => paint::attention("rows unknown"),
        Some(0) => paint::dim("empty"),
        Some(1) => paint::bad("1 row"),
        Some(rows) if rows > MOST_ROWS_COUNTED => paint::bad(format!("more than {} rows", grouped(MOST_ROWS_COUNTED))),
        Some(rows) => paint::bad(format!("{} rows", grouped(rows))),
    }
}

/// `1234567` → `1,234,567`, whatever the locale.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::bundle::Bundle;
    use crate::migration::impact::Impact;
    use crate::migration::module::Module;

    #[test]
    fn each_migration_is_followed_by_its_tables() {
        let bundle = Bundle::of_november_2026();
        let [users, index, _] = bundle.of(Module::Auth).collect::<Vec<_>>()[..] else { panic!("auth has others now") };
        let effects = vec![Effect { table: "session".to_owned(), impact: Impact::LocksBriefly }];
        let tables = vec![("session".to_owned(), Some(1)), ("user".to_owned(), None)];
        let losses = [
            Loss { migration: index, tables: Vec::new(), effects },
            Loss { migration: users, tables, effects: Vec::new() },
        ];
        assert_eq!(
            console::strip_ansi_codes(&text(&losses)),
            "  auth  20261121041100  session_user_id_idx    locks session for a moment\n  \
               auth  20241222140532  users_sessions_tokens\n    \
                 drops table pevensie.session  1 row\n    \
                 drops table pevensie.user     rows unknown\n"
        );
    }

    #[test]
    fn numbers_are_readable() {
        for (rows, expected) in [
            (None, "rows unknown"),
            (Some(0), "empty"),
            (Some(1), "1 row"),
            (Some(999), "999 rows"),
            (Some(1000), "1,000 rows"),
            (Some(123_456), "123,456 rows"),
            (Some(1_000_000), "1,000,000 rows"),
            (Some(1_000_001), "more than 1,000,000 rows"),
        ] {
            assert_eq!(console::strip_ansi_codes(&count(rows)), expected);
        }
    }
}
