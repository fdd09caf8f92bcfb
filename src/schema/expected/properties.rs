//! What holds for every `.catalog` file and every live catalog.

use super::super::catalog::Catalog;
use super::super::drift::{self, Change};
use super::super::repair;
use super::*;

/// Checks that any text can be read, and that a database that is as it says does not differ from it.
pub(crate) fn check_text(text: &str) {
    let expected = Expected::parse(text);
    let definitions = expected.objects().map(|(_, definitions)| definitions.len()).max().unwrap_or(1);
    for nth in 0..definitions {
        let live = live(&expected, nth);
        assert_eq!(drift::differences(&expected, &live), [], "{text:?}");
    }
    for (gone, _) in expected.objects().take(3) {
        let live: Catalog = live(&expected, 0)
            .objects()
            .filter(|(object, _)| *object != gone)
            .map(|(object, definition)| (object.clone(), definition.to_owned()))
            .collect();
        let faults = drift::faults(&expected, &live);
        assert!(
            faults.iter().all(|fault| matches!(fault.change, Change::Missing { .. }) && fault.object == *gone),
            "{text:?}\n{faults:?}"
        );
        assert_eq!(faults.len(), 1, "{text:?}");
    }
}

/// Checks what is said about a live catalog of a database with a ledger.
pub(crate) fn check_live(bundle: &Bundle, ledger: &Ledger, live: &Catalog) {
    let differences = drift::of_database(bundle, ledger, live);
    assert!(*ledger != Ledger::Absent || differences.is_empty());
    for difference in &differences {
        let is_there = live.definition(&difference.object);
        match &difference.change {
            Change::Missing { .. } => assert_eq!(is_there, None),
            Change::Changed { expected, found } => {
                assert_eq!(is_there, Some(found.as_str()));
                assert_ne!(expected, found);
            }
            Change::Obsolete { found } | Change::Extra { found } => assert_eq!(is_there, Some(found.as_str())),
        }
        match repair::mend(bundle, difference, &differences) {
            Some(repair::Mend::Statements(sql)) => assert!(sql.ends_with(';')),
            Some(repair::Mend::ByHand(_)) => {}
            None => assert!(!difference.is_harmful()),
        }
    }
}

/// Reads the lines of a listing.
pub(crate) fn read_live(text: &str) -> Catalog {
    live(&Expected::parse(text), 0)
}

fn live(expected: &Expected, nth: usize) -> Catalog {
    let nth = |definitions: &[String]| definitions.get(nth).or(definitions.first()).cloned().unwrap_or_default();
    expected.objects().map(|(object, definitions)| (object.clone(), nth(definitions))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schema::catalog::Object;

    type Line = (String, String, Vec<String>);

    fn any_line() -> impl Strategy<Value = Line> {
        let kinds = ["schema", "table", "column", "index", "constraint", "function", "enum", "view", "else"];
        let kind = prop::sample::select(kinds.to_vec()).prop_map(str::to_owned);
        let identity = "[a-c\"é]{1,3}(\\.[a-c\" ]{1,3})?(\\(\\))?";
        // A definition is all that follows, whatever it is.
        let definition = prop_oneof!["[a-z (]{0,8}", "[a|é ]{1,8}", "\\PC{0,8}"];
        (kind, identity, prop::collection::vec(definition, 1..4))
    }

    fn written(lines: &[Line]) -> String {
        let line = |(kind, identity, definitions): &Line| {
            let others = definitions[1..].iter().map(|definition| format!("or | {definition}\n"));
            format!("{kind} | {identity} | {}\n{}", definitions[0], others.collect::<String>())
        };
        lines.iter().map(line).collect()
    }

    proptest! {
        #[test]
        fn a_catalog_is_read_as_it_was_written(lines in prop::collection::vec(any_line(), 0..6)) {
            let text = written(&lines);
            let lines: BTreeMap<Object, Vec<String>> = lines
                .into_iter()
                .map(|(kind, identity, definitions)| (Object { kind, identity }, definitions))
                .collect();
            prop_assert_eq!(Expected::parse(&text).0, lines, "{}", text);
        }

        #[test]
        fn a_database_that_is_as_expected_does_not_differ(lines in prop::collection::vec(any_line(), 0..6)) {
            // What belongs to a table that is missing is not spoken of.
            let lines: Vec<Line> = lines.into_iter().filter(|(kind, ..)| kind != "table" && kind != "view").collect();
            check_text(&written(&lines));
        }

        #[test]
        fn nothing_in_a_database_is_too_odd(
            found in prop::collection::vec(any_line(), 0..6),
            kept in prop::collection::vec(any::<bool>(), 80),
            modules in 0..4_usize,
        ) {
            let bundle = Bundle::embedded();
            let versions: Vec<_> =
                Module::ALL.iter().take(modules).map(|&module| (module, bundle.newest(module).unwrap())).collect();
            let ledger = Ledger::assumed(&versions);
            let expected = Expected::of_database(&bundle, &ledger);
            let known = expected.objects().zip(&kept).filter(|(_, kept)| **kept);
            let known = known.map(|((object, definitions), _)| (object.clone(), definitions[0].clone()));
            let found = found.into_iter().map(|(kind, identity, definitions)| {
                (Object { kind, identity }, definitions[0].clone())
            });
            check_live(&bundle, &ledger, &known.chain(found).collect());
        }
    }
}
