//! What holds for every ledger, however damaged.

use std::collections::BTreeSet;

use super::super::plan::Manner;
use super::super::script::Script;
use super::super::status::{Status, Verdict};
use super::super::wish::{Circumstances, Depth, Target, Wish};
use super::*;

/// Checks that nothing panics at a ledger, and that its history is called good if and only if it is.
pub(crate) fn check(bundle: &Bundle, ledger: &Ledger) {
    let faults = faults(bundle, ledger);
    assert_eq!(faults.is_empty(), is_good(bundle, ledger), "{ledger:#?}\n{faults:#?}");
    for fault in &faults {
        assert!(!fault.to_string().is_empty() && !fault.hint().is_empty());
    }
    for named in [&[][..], &Module::ALL] {
        let status = Status::of(bundle, ledger, named);
        assert_eq!(status.verdict() == Verdict::Faulty, !faults.is_empty());
        for module in &status.modules {
            let at = ledger.version(module.module);
            assert!(module.pending.iter().all(|migration| Some(migration.version) > at));
        }
    }
    for wish in wishes() {
        for manner in [Manner::Transaction, Manner::Online] {
            match wish.plan_in(bundle, ledger, &Circumstances { manner, ..Circumstances::default() }) {
                Ok(plan) => {
                    let batches = plan.batches();
                    assert_eq!(batches.is_empty(), plan.is_empty());
                    assert!(batches.iter().all(|batch| !Script::of(&batch.plan).parts().is_empty()));
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

fn wishes() -> [Wish; 4] {
    let all = |target| Wish::Migrate(Module::ALL.map(|module| (module, target)).to_vec());
    let back = |depth| Wish::Rollback(Module::ALL.map(|module| (module, depth)).to_vec());
    [
        all(Target::Newest),
        all(Target::Exactly(None)),
        back(Depth::Steps(std::num::NonZeroU32::MIN)),
        back(Depth::To(None)),
    ]
}

/// Says the same as [`faults`] by itself: every migration up to the recorded version is applied, and nothing else is, all
/// with checksums that were once theirs.
fn is_good(bundle: &Bundle, ledger: &Ledger) -> bool {
    let is_right = |module: &str, version: &str, checksum: Option<&str>| {
        let Ok(module) = module.parse::<Module>() else { return false };
        let Ok(version) = version.parse::<Version>() else { return false };
        bundle.is_withdrawn(module, version)
            || bundle.find(module, version).is_some_and(|migration| {
                let mut accepted = std::iter::once(migration.checksum).chain(migration.accepted.iter().copied());
                checksum.is_some_and(|found| accepted.any(|right| right.to_string().eq_ignore_ascii_case(found)))
            })
    };
    let rows = ledger.rows();
    let applied: Vec<&Record> = ledger.applied().collect();
    let are_right = rows.iter().all(|row| is_right(&row.module, &row.version, row.checksum.as_deref()))
        && applied.iter().all(|record| is_right(&record.module, &record.version, Some(&record.checksum)));
    let agree = Module::ALL.into_iter().all(|module| {
        let of = |name: &str| name == module.name();
        let at: BTreeSet<&str> = rows.iter().filter(|row| of(&row.module)).map(|row| row.version.as_str()).collect();
        let there: BTreeSet<&str> =
            applied.iter().filter(|record| of(&record.module)).map(|record| record.version.as_str()).collect();
        let needed: BTreeSet<String> = bundle.of(module).map(|migration| migration.version.to_string()).collect();
        // Stamps of one length are ordered like numbers.
        at.len() <= 1
            && at.first() == there.last()
            && needed.iter().filter(|version| at.iter().any(|at| version.as_str() <= *at)).all(|v| there.contains(&**v))
    });
    are_right && (agree || !matches!(ledger, Ledger::Current { .. }))
}

/// Reads a ledger: its shape, then a line for each row and record, the parts of it between bars. `=` stands for the checksum
/// that is right, `-` for none.
///
/// ```text
/// current
/// row|base|20241222140532|=
/// up|base|20241222140532|=|2026-01-02T03:04:05Z
/// ```
pub(crate) fn read(bundle: &Bundle, text: &str) -> Option<(Ledger, Vec<Record>)> {
    let mut lines = text.lines();
    let shape = lines.next()?;
    let (mut rows, mut log) = (Vec::new(), Vec::new());
    for line in lines {
        let mut parts = line.split('|');
        let (kind, module, version) =
            (parts.next()?, parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let checksum = match parts.next().unwrap_or("-") {
            "-" => None,
            "=" => find(bundle, module, version),
            other => Some(other.to_owned()),
        };
        if kind == "row" {
            let checksum = checksum.filter(|_| shape == "current");
            rows.push(Row { module: module.to_owned(), version: version.to_owned(), checksum });
        } else {
            let at = || parts.clone().next().unwrap_or_default().to_owned();
            log.push(Record {
                module: module.to_owned(),
                version: version.to_owned(),
                action: serde_json::from_value(kind.into()).ok()?,
                checksum: checksum.unwrap_or_default(),
                started_at: at(),
                finished_at: at(),
                role: at(),
                application: at(),
                tool: at(),
            });
        }
    }
    let ledger = match shape {
        "absent" => Ledger::Absent,
        "legacy" => Ledger::Legacy(rows),
        "current" => Ledger::current(rows, &log),
        _ => return None,
    };
    Some((ledger, log))
}

fn find(bundle: &Bundle, module: &str, version: &str) -> Option<String> {
    let migration = bundle.find(module.parse().ok()?, version.parse().ok()?)?;
    Some(migration.checksum.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::ledger::{Action, Row};
    use super::super::super::wish::tests::{bundle, version};
    use super::*;

    /// Base at three, auth at two, one migration of the cache withdrawn.
    fn known() -> Bundle {
        use {Module::Auth, Module::Base, Module::Cache};
        let migrations = bundle(&[(Base, 1), (Base, 2), (Base, 3), (Auth, 2), (Auth, 4), (Cache, 3)]);
        Bundle::new(migrations.migrations().to_vec(), vec![(Cache, version(5))])
    }

    /// The ledger after so many migrations of each module.
    fn sound(bundle: &Bundle, counts: [usize; 3]) -> (Vec<Row>, Vec<Record>) {
        let (mut rows, mut log) = (Vec::new(), Vec::new());
        for (module, count) in Module::ALL.into_iter().zip(counts) {
            for migration in bundle.of(module).take(count) {
                let (module, version) = (module.name().to_owned(), migration.version.to_string());
                let checksum = migration.checksum.to_string();
                rows.retain(|row: &Row| row.module != module);
                rows.push(Row { module: module.clone(), version: version.clone(), checksum: Some(checksum.clone()) });
                let text = String::new;
                log.push(Record {
                    module,
                    version,
                    action: Action::Up,
                    checksum,
                    started_at: text(),
                    finished_at: text(),
                    role: text(),
                    application: text(),
                    tool: text(),
                });
            }
        }
        (rows, log)
    }

    fn any_text() -> impl Strategy<Value = String> {
        let known = ["base", "auth", "cache", "Base", "", "0", "infinity", "-infinity", "2024-01-01 00:00:00.5+00"];
        let versions = (0..7_u64).prop_map(|n| format!("202401010000{n:02}"));
        prop_oneof![
            prop::sample::select(known.to_vec()).prop_map(str::to_owned),
            versions,
            "\\PC{0,12}",
            "[0-9a-f]{64}"
        ]
    }

    /// What befalls one of the tables, at a place in it.
    #[derive(Clone, Debug)]
    enum Damage {
        Lost,
        Doubled,
        Beside(String),
        Swapped,
        Module(String),
        Version(String),
        Checksum(Option<String>),
        Action(Action),
        Others(String),
    }

    fn any_damage() -> impl Strategy<Value = Damage> {
        prop_oneof![
            Just(Damage::Lost),
            Just(Damage::Doubled),
            any_text().prop_map(Damage::Beside),
            Just(Damage::Swapped),
            any_text().prop_map(Damage::Module),
            any_text().prop_map(Damage::Version),
            prop::option::of(any_text()).prop_map(Damage::Checksum),
            prop::sample::select(&[Action::Up, Action::Down, Action::Adopt][..]).prop_map(Damage::Action),
            any_text().prop_map(Damage::Others),
        ]
    }

    fn damage_rows(rows: &mut Vec<Row>, at: prop::sample::Index, damage: Damage) {
        if rows.is_empty() {
            return;
        }
        let (at, count) = (at.index(rows.len()), rows.len());
        match damage {
            Damage::Lost => drop(rows.remove(at)),
            Damage::Doubled => rows.push(rows[at].clone()),
            Damage::Beside(version) => rows.push(Row { version, ..rows[at].clone() }),
            Damage::Swapped => rows.swap(at, count - 1),
            Damage::Module(text) => rows[at].module = text,
            Damage::Version(text) => rows[at].version = text,
            Damage::Checksum(text) => rows[at].checksum = text,
            Damage::Action(_) | Damage::Others(_) => {}
        }
    }

    fn damage_log(log: &mut Vec<Record>, at: prop::sample::Index, damage: Damage) {
        if log.is_empty() {
            return;
        }
        let (at, count) = (at.index(log.len()), log.len());
        match damage {
            Damage::Lost => drop(log.remove(at)),
            Damage::Doubled => log.push(log[at].clone()),
            Damage::Beside(version) => log.push(Record { version, ..log[at].clone() }),
            Damage::Swapped => log.swap(at, count - 1),
            Damage::Module(text) => log[at].module = text,
            Damage::Version(text) => log[at].version = text,
            Damage::Checksum(text) => log[at].checksum = text.unwrap_or_default(),
            Damage::Action(action) => log[at].action = action,
            Damage::Others(text) => {
                let Record { started_at, finished_at, role, application, tool, .. } = &mut log[at];
                for part in [started_at, finished_at, role, application, tool] {
                    part.clone_from(&text);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_damaged_history_is_never_called_good(
            counts in [0..4_usize, 0..3, 0..2],
            damages in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>(), any_damage()), 0..4),
        ) {
            let bundle = known();
            let (mut rows, mut log) = sound(&bundle, counts);
            for (in_rows, at, damage) in damages {
                if in_rows { damage_rows(&mut rows, at, damage) } else { damage_log(&mut log, at, damage) }
            }
            check(&bundle, &Ledger::current(rows.clone(), &log));
            check(&bundle, &Ledger::Legacy(rows));
        }

        /// Without a second opinion: one record with another text.
        #[test]
        fn one_wrong_text_is_enough(
            counts in [1..4_usize, 1..3, 1..2],
            in_rows: bool,
            at: prop::sample::Index,
            part in 0..3,
            text in any_text(),
        ) {
            let bundle = known();
            let (mut rows, mut log) = sound(&bundle, counts);
            let damage = match part {
                0 => Damage::Module(text),
                1 => Damage::Version(text),
                _ => Damage::Checksum(Some(text)),
            };
            let before = (rows.clone(), log.clone());
            if in_rows { damage_rows(&mut rows, at, damage) } else { damage_log(&mut log, at, damage) }
            let ledger = Ledger::current(rows.clone(), &log);
            prop_assert_eq!(faults(&bundle, &ledger).is_empty(), (rows, log) == before);
        }
    }
}
