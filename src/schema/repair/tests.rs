//! What mends each difference, and what no statement does.

use super::super::catalog;
use super::*;

fn mend(kind: &str, identity: &str, change: Change) -> Option<String> {
    let object = catalog::Object { kind: kind.to_owned(), identity: identity.to_owned() };
    match super::mend(&Bundle::embedded(), &Difference { object, change }, &[])? {
        Mend::Statements(sql) => Some(sql),
        Mend::ByHand(_) => None,
    }
}

fn missing(expected: &str) -> Change {
    Change::Missing { expected: expected.to_owned() }
}

fn changed(expected: &str, found: &str) -> Change {
    Change::Changed { expected: expected.to_owned(), found: found.to_owned() }
}

#[test]
fn what_can_be_mended_by_a_statement_is() {
    for (kind, identity, change, expected) in [
        ("index", "session.i", missing("CREATE INDEX i ON x"), Some("CREATE INDEX i ON x;")),
        (
            "index",
            "session.i",
            changed("CREATE INDEX i ON x", "CREATE INDEX i ON y"),
            Some("drop index pevensie.i;\nCREATE INDEX i ON x;"),
        ),
        (
            "constraint",
            "\"user\".user_pkey",
            missing("PRIMARY KEY (id)"),
            Some("alter table pevensie.\"user\" add constraint user_pkey PRIMARY KEY (id);"),
        ),
        ("column", "session.ip", missing("inet null"), Some("alter table pevensie.session add column ip inet null;")),
        (
            "column",
            "session.id",
            changed("uuid not null default pevensie.uuid7()", "uuid null"),
            Some(
                "alter table pevensie.session alter column id set not null, \
                 alter column id set default pevensie.uuid7();",
            ),
        ),
        ("column", "session.ip", changed("inet null", "text null"), None),
        (
            "column",
            "session.ip",
            changed("inet null", "inet not null default x"),
            Some("alter table pevensie.session alter column ip drop not null, alter column ip drop default;"),
        ),
        (
            "constraint",
            "cache.cache_pkey",
            changed("PRIMARY KEY (a)", "PRIMARY KEY (b)"),
            Some(
                "alter table pevensie.cache drop constraint cache_pkey, \
                 add constraint cache_pkey PRIMARY KEY (a);",
            ),
        ),
        (
            "table",
            "session",
            changed("logged", "logged force-row-security"),
            Some("alter table pevensie.session no force row level security;"),
        ),
        ("table", "session", changed("logged row-security", "logged"), None),
        ("table", "session", changed("logged row-security", "unlogged row-security"), None),
        ("table", "cache", changed("unlogged", "logged"), Some("alter table pevensie.cache set unlogged;")),
        (
            "table",
            "session",
            changed("logged", "unlogged row-security"),
            Some("alter table pevensie.session set logged, disable row level security;"),
        ),
        ("table", "cache", changed("unlogged", "logged partitioned by HASH (key)"), None),
        (
            "enum",
            "one_time_token_type",
            missing(""),
            Some("create type pevensie.one_time_token_type as enum ('password-reset');"),
        ),
        ("trigger", "session.t", Change::Extra { found: String::new() }, None),
    ] {
        assert_eq!(mend(kind, identity, change).as_deref(), expected, "{kind} {identity}");
    }
}

fn obsolete(found: &str) -> Change {
    Change::Obsolete { found: found.to_owned() }
}

fn extra(found: &str) -> Change {
    Change::Extra { found: found.to_owned() }
}

#[test]
fn what_no_statement_mends_is_advised_on() {
    for (kind, identity, change, begin) in [
        ("enum", "module", changed("base", "auth"), "values can be added"),
        ("function", "uuid7()", changed("returns uuid language sql", "returns text language sql"), "drop it"),
        ("function", "gone()", obsolete(""), "drop it"),
        ("column", "session.ip", changed("inet null", "text null"), "convert what is in its rows"),
        ("trigger", "session.t", missing(""), "no statement fits every case"),
        ("table", "session", changed("logged", "logged partitioned by HASH (id)"), "no statement fits every case"),
    ] {
        let object = catalog::Object { kind: kind.to_owned(), identity: identity.to_owned() };
        match super::mend(&Bundle::embedded(), &Difference { object, change }, &[]) {
            Some(Mend::ByHand(advice)) => assert!(advice.starts_with(begin), "{kind} {identity}: {advice}"),
            other => panic!("{kind} {identity}: {other:?}"),
        }
    }
}

#[test]
fn what_has_the_name_or_was_renamed_is_in_the_way() {
    let primary = "PRIMARY KEY (resource_type, key)";
    for (kind, identity, change, other_kind, other, other_change, is_in_the_way) in [
        ("table", "cache", missing("unlogged"), "table", "cash", extra("unlogged"), true),
        ("table", "cache", missing("unlogged"), "table", "cash", obsolete("unlogged"), true),
        ("table", "cache", missing("unlogged"), "table", "cash", missing("unlogged"), false),
        ("table", "cache", changed("unlogged", "logged"), "table", "mine", extra("logged"), false),
        ("table", "cache", missing("unlogged"), "view", "cache", extra(""), true),
        ("table", "cache", missing("unlogged"), "view", "mine", extra(""), false),
        ("enum", "one_time_token_type", missing(""), "enum", "mine", extra(""), false),
        ("enum", "one_time_token_type", missing(""), "domain", "one_time_token_type", extra(""), true),
        ("index", "session.i", missing("CREATE INDEX i"), "index", "user.i", extra(""), true),
        ("index", "session.i", missing("CREATE INDEX i"), "column", "user.i", extra(""), false),
        ("index", "session.i", missing("CREATE INDEX i"), "index", "session.j", extra(""), false),
        ("constraint", "cache.cache_pkey", missing(primary), "constraint", "cache.mine", extra(primary), true),
        ("constraint", "cache.cache_pkey", missing(primary), "constraint", "session.mine", extra(primary), false),
        ("constraint", "cache.cache_pkey", missing(primary), "constraint", "cache.mine", extra("UNIQUE (key)"), false),
        ("constraint", "cache.x", missing("UNIQUE (key)"), "constraint", "cache.mine", extra(primary), false),
        ("constraint", "cache.cache_pkey", changed(primary, ""), "constraint", "cache.mine", extra(primary), false),
        ("column", "cache.value", missing("text null"), "column", "cache.value2", extra(""), false),
    ] {
        let difference = |kind: &str, identity: &str, change| Difference {
            object: catalog::Object { kind: kind.to_owned(), identity: identity.to_owned() },
            change,
        };
        let all = [difference(kind, identity, change), difference(other_kind, other, other_change)];
        let mend = super::mend(&Bundle::embedded(), &all[0], &all);
        assert_eq!(matches!(mend, Some(Mend::ByHand(_))), is_in_the_way, "{all:?}: {mend:?}");
    }
}

#[test]
fn what_should_be_gone_is_not_in_its_own_way() {
    for (kind, identity, expected) in [
        ("constraint", "cache.cache_key_key", "alter table pevensie.cache drop constraint cache_key_key;"),
        ("index", "session.i", "drop index pevensie.i;"),
    ] {
        let object = catalog::Object { kind: kind.to_owned(), identity: identity.to_owned() };
        let all = [Difference { object, change: Change::Obsolete { found: String::new() } }];
        let mend = super::mend(&Bundle::embedded(), &all[0], &all);
        assert_eq!(mend, Some(Mend::Statements(expected.to_owned())));
    }
}

#[test]
fn functions_and_tables_are_mended_from_our_own_scripts() {
    let function = mend("function", "uuid7()", changed("a", "b")).unwrap();
    assert!(function.starts_with("create or replace function pevensie.uuid7() returns"), "{function}");
    let function = mend("function", "uuid7(timestamp with time zone)", missing("a")).unwrap();
    assert!(function.starts_with("create or replace function pevensie.uuid7(p_timestamp"), "{function}");
    let table = mend("table", "one_time_token", missing("logged")).unwrap();
    assert!(table.starts_with("create table pevensie.one_time_token (\n"), "{table}");
    assert_eq!(table.matches("index one_time_token_").count(), 2, "{table}");
    assert!(mend("table", "module_version", missing("logged")).is_some());
}
