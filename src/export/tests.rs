//! What holds for every format.

use super::*;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::wish::{Target, Wish};

pub(super) const FIRST: &str = "20241222140532";

fn plan<'b>(bundle: &'b Bundle, start: &[Level]) -> Plan<'b> {
    let wish = Wish::Migrate(Module::ALL.into_iter().map(|module| (module, Target::Newest)).collect());
    let plan = wish.plan(bundle, &Ledger::at(start)).unwrap();
    plan.online_where(|migration| Existing::default().is_online(bundle, start, migration))
}

/// A fresh install of everything.
pub(super) fn fresh(bundle: &Bundle) -> (Plan<'_>, Vec<Level>) {
    let start = Module::ALL.map(|module| (module, None)).to_vec();
    (plan(bundle, &start), start)
}

/// An upgrade from the first version of everything.
pub(super) fn upgraded(bundle: &Bundle) -> (Plan<'_>, Vec<Level>) {
    let start = Module::ALL.map(|module| (module, FIRST.parse().ok())).to_vec();
    (plan(bundle, &start), start)
}

pub(super) fn everything(bundle: &Bundle) -> Vec<Item<'_>> {
    Item::of(&fresh(bundle).0, bundle)
}

pub(super) fn upgrade(bundle: &Bundle) -> Vec<Item<'_>> {
    Item::of(&upgraded(bundle).0, bundle)
}

#[test]
fn every_format_has_a_name_of_its_own_and_a_line_that_fits() {
    for format in FORMATS {
        assert_eq!(FORMATS.iter().filter(|other| other.name == format.name).count(), 1, "{}", format.name);
        assert!(format.summary.len() <= 72, "{}: {}", format.name, format.summary);
    }
}

#[test]
fn a_file_is_headed_in_its_own_language() {
    for (path, heading) in [
        ("20241222140532_pevensie.sql", "-- file: 20241222140532_pevensie.sql\n"),
        ("migrations/1.exs", "# file: migrations/1.exs\n"),
        ("V1__pevensie.sql.conf", "# file: V1__pevensie.sql.conf\n"),
        ("1.cjs", "// file: 1.cjs\n"),
        ("sqitch", "-- file: sqitch\n"),
    ] {
        assert_eq!(File::new(path.to_owned(), String::new()).heading(), heading);
    }
}

#[test]
fn scripts_end_with_one_line_end() {
    let bundle = Bundle::embedded();
    for (plan, start) in [fresh(&bundle), upgraded(&bundle)] {
        for format in FORMATS {
            let Shape::Script { write, .. } = format.shape else { continue };
            let script = write(&plan, &start);
            assert!(script.ends_with(";\n"), "{}: {script}", format.name);
        }
    }
}
