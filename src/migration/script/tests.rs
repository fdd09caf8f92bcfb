use super::*;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::wish::{Target, Wish};

#[test]
fn an_empty_plan_is_an_empty_text() {
    assert_eq!(Script::of(&Plan::default()).text(), "");
}

#[test]
fn a_fresh_install_creates_the_ledger_and_records_each_migration() {
    let bundle = Bundle::embedded();
    let first = Target::Exactly(Some("20241222140532".parse().unwrap()));
    let wish = Wish::Migrate(vec![(Module::Base, first), (Module::Cache, first)]);
    let script = Script::of(&wish.plan(&bundle, &Ledger::Absent).unwrap());
    let paths: Vec<&str> = script.parts().iter().map(|part| part.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "ledger/create.sql",
            "ledger/upgrade.sql",
            "base/20241222140532_uuid7.up.sql",
            "ledger/record.sql",
            "ledger/set_version.sql",
            "cache/20241222140532_cache.up.sql",
            "ledger/record.sql",
            "ledger/set_version.sql",
        ]
    );
    let text = script.text();
    assert!(!text.contains(":'"), "every placeholder is filled in: {text}");
    assert!(text.contains("-- cache 20241222140532 cache: up\n"));
    assert!(text.contains(&format!("'{}'", bundle.of(Module::Cache).next().unwrap().checksum)));
    assert!(text.contains("'2024-12-22 14:05:32+00'"));
}

fn fresh_install() -> Script {
    let wish = Wish::Migrate(Module::ALL.map(|module| (module, Target::Newest)).to_vec());
    Script::of(&wish.plan(&Bundle::embedded(), &Ledger::Absent).unwrap())
}

#[test]
fn every_statement_is_found_by_its_number_and_every_character_by_its_position() {
    let script = fresh_install();
    let text = script.text();
    let all = statements(&text);
    for (number, range) in all.iter().enumerate() {
        let by_number = script.locate(number, None).unwrap();
        assert_eq!(by_number.sql[by_number.span.clone()], text[range.clone()]);
        let position = text[..range.start].chars().count() + 1;
        let by_position = script.locate(0, Some(position)).unwrap();
        assert_eq!((by_position.path, by_position.span.start), (by_number.path, by_number.span.start));
        assert_eq!(by_position.span.len(), text[range.start..].chars().next().map_or(0, char::len_utf8));
    }
    assert_eq!(script.locate(all.len(), None), None);
    assert_eq!(script.locate(0, Some(text.chars().count() + 1)), None);
}

#[test]
fn what_is_verified_is_a_string_whatever_is_in_it() {
    let mut migration = Bundle::of_november_2026().of(Module::Cache).last().unwrap().clone();
    migration.catalog = "index | cache.cache_expires_at_idx | CREATE INDEX i ON x (a) WHERE (b <> 'x'::text)".into();
    let text = Script::of_step(&Step::Record(&migration)).text();
    assert!(text.contains("= 'CREATE INDEX i ON x (a) WHERE (b <> ''x''::text)'\n"), "{text}");
}

#[test]
fn each_step_is_made_of_its_files() {
    use crate::migration::right::{Kind, Object, Privilege};
    let bundle = Bundle::of_november_2026();
    let [first, .., last] = bundle.of(Module::Cache).collect::<Vec<_>>()[..] else { panic!("there are several") };
    let (role, object) = ("app".parse().unwrap(), Object { kind: Kind::Table, identity: "cache".to_owned() });
    let right = Right { object, privileges: vec![Privilege::Select, Privilege::Insert] };
    let discard = |manner| Step::Discard { migration: last, manner };
    let down = |migration, previous, with_table| Step::Down { migration, previous, with_table };
    let record = "ledger/record.sql ledger/set_version.sql";
    for (step, outside, within) in [
        (Step::CreateLedger, "", "ledger/create.sql"),
        (Step::UpgradeLedger, "", "ledger/upgrade.sql"),
        (Step::DropLedger, "", "ledger/drop.sql"),
        (Step::Adopt(first), "", record),
        (Step::Up(first), "", &format!("cache/20241222140532_cache.up.sql {record}")),
        (
            Step::Online(last),
            "cache/20261121041400_cache_expires_at_idx.online.sql",
            &format!("online/verify.sql {record}"),
        ),
        (Step::Record(last), "", &format!("online/verify.sql {record}")),
        (discard(Manner::Online), "online/discard.sql", ""),
        (discard(Manner::Transaction), "", "online/discard.sql"),
        (
            down(first, None, false),
            "",
            "cache/20241222140532_cache.down.sql ledger/record.sql ledger/clear_version.sql",
        ),
        (down(last, Some(first), true), "", record),
        (Step::Grant { role: &role, right: &right }, "", "grants/grant.sql"),
    ] {
        let paths = |parts: &[Part]| parts.iter().map(|part| part.path.clone()).collect::<Vec<_>>().join(" ");
        let plan = Plan::of(&[step]);
        let outside_of: Vec<Part> = Script::outside(&plan).iter().flat_map(|script| script.parts().to_vec()).collect();
        assert_eq!((paths(&outside_of), paths(Script::of(&plan).parts())), (outside.to_owned(), within.to_owned()));
        let all = [outside, within].join(" ");
        assert_eq!(paths(Script::of_step(&step).parts()), all.trim(), "{step:?}");
    }
    assert_eq!(grant(&role, &right), "grant select, insert on table pevensie.cache to \"app\";\n");
}

#[test]
fn the_guard_is_known_by_its_file() {
    let script = Script::of(&Plan::default()).guarded("select 1;\n");
    assert!(script.locate(0, None).is_some_and(|location| location.is_guard()));
    assert!(fresh_install().locate(0, None).is_some_and(|location| !location.is_guard()));
}
