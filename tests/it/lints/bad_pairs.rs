//! Migrations of which the files do not fit together, and what has to be said of them.

use super::pairs::findings;

/// Migrations, up and down, and what is said of them. An online script may come after the down script and `>> ONLINE`.
fn assert_all(cases: &[(&str, &str, &[&str])]) {
    for (up, down, expected) in cases {
        let mut files = vec![("1_a.up.sql", *up), ("1_a.down.sql", *down), ("1.catalog", "")];
        if let Some((down, online)) = down.split_once(">> ONLINE") {
            files[1].1 = down;
            files.push(("1_a.online.sql", online));
        }
        assert_files(&files, expected);
    }
}

fn assert_files(files: &[(&str, &str)], expected: &[&str]) {
    let all = files.iter().map(|(file, text)| (format!("auth/{file}"), (*text).to_owned())).collect();
    let expected: Vec<_> = expected.iter().map(|words| format!("auth/{words}")).collect();
    assert_eq!(findings(&all), expected, "{files:#?}");
}

const INDEX: &str = "create index a on pevensie.b using btree (c);";
const DROP_INDEX: &str = "drop index pevensie.a;";

#[test]
fn files_that_are_missing_or_left_over() {
    let (up, down) = (("1_a.up.sql", "select 1;"), ("1_a.down.sql", "select 1;"));
    let (catalog, online) = (("1.catalog", ""), ("1_a.online.sql", "create index concurrently;"));
    assert_files(&[up, down, catalog], &[]);
    assert_files(&[up, catalog], &["1_a.up.sql:1: it has no way back"]);
    assert_files(&[up, down], &["1_a.up.sql:1: it has no catalog"]);
    assert_files(
        &[up, down, ("1_a.catalog", "")],
        &["1_a.catalog:1: it belongs to nothing", "1_a.up.sql:1: it has no catalog"],
    );
    assert_files(&[down], &["1_a.down.sql:1: it belongs to nothing"]);
    assert_files(&[online], &["1_a.online.sql:1: it belongs to nothing"]);
    assert_files(&[catalog], &["1.catalog:1: it belongs to nothing"]);
    assert_files(&[("2_b.up.txt", "")], &["2_b.up.txt:1: it is of no known kind"]);
    assert_files(&[("README", "")], &["README:1: it is of no known kind"]);
}

#[test]
fn an_online_script_that_does_something_else() {
    let differs: &[&str] = &["1_a.online.sql:1: it is not what its .up.sql does"];
    for (online, expected) in [
        ("create index concurrently a on pevensie.b using btree (c);", &[][..]),
        ("create  index concurrently -- a\n a on pevensie.b using btree (c);", &[]),
        ("create index concurrently a on pevensie.b using btree (d);", differs),
        ("create index concurrently a on pevensie.b using hash (c);", differs),
        ("create index concurrently a on pevensie.d using btree (c);", differs),
        ("create index concurrently d on pevensie.b using btree (c);", differs),
        ("create unique index concurrently a on pevensie.b using btree (c);", differs),
        ("create index concurrently a on pevensie.b using btree (c) where c > 1;", differs),
        (INDEX, differs),
    ] {
        assert_all(&[(INDEX, &format!("{DROP_INDEX}>> ONLINE{online}"), expected)]);
    }
    let more = format!("{INDEX} select 1;");
    let online = INDEX.replace("index", "index concurrently");
    assert_all(&[(&more, &format!("{DROP_INDEX}>> ONLINE{online}"), differs)]);
}

#[test]
fn what_keeps_others_waiting() {
    let on_table = |words: &str| format!("1_a.up.sql:1: `{words}` scans pevensie.b");
    assert_all(&[
        (
            INDEX,
            DROP_INDEX,
            &["1_a.up.sql:1: an index is built on pevensie.b, which was there before, and there is no .online.sql"],
        ),
        (&format!("create table pevensie.b (); {INDEX}"), "drop table pevensie.b;", &[]),
        (
            "create table pevensie.b (); alter table pevensie.b add constraint c unique (d);",
            "drop table pevensie.b;",
            &[],
        ),
    ]);
    for (change, expected) in [
        ("add constraint d unique (c)", "constraint d unique ( c )"),
        ("add constraint d primary key (c)", "constraint d primary key ( c"),
        ("add constraint d check (c)", "constraint d check ( c )"),
        ("add constraint d foreign key (c) references pevensie.e", "constraint d foreign key ( c"),
        ("add constraint d exclude using gist (c with =)", "constraint d exclude using gist ("),
        ("add column d pg_catalog.text unique", "unique"),
        ("add column d pg_catalog.text not null", "not null"),
        ("add column d pg_catalog.text check (d)", "check ( d )"),
        ("add column d pg_catalog.text references pevensie.e", "references pevensie . e"),
        ("add column d pg_catalog.uuid default pevensie.uuid7()", "default pevensie . uuid7 ( )"),
        ("add column d pg_catalog.int8 generated always as identity", "generated always as identity"),
        ("alter column d set not null", "set not null"),
        ("add constraint d check (c) not valid", ""),
        ("add constraint d foreign key (c) references pevensie.e not valid", ""),
        ("add constraint d unique using index e", ""),
        ("add column d pg_catalog.text not null default 'e'", ""),
        ("add column d pg_catalog.text", ""),
    ] {
        let expected = if expected.is_empty() { vec![] } else { vec![on_table(expected)] };
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        let back = match change.split_once(" d ").expect("the object is d").0 {
            "alter column" => "alter column d drop not null".to_owned(),
            add => format!("{} d", add.replace("add", "drop")),
        };
        let (up, down) = (format!("alter table pevensie.b {change};"), format!("alter table pevensie.b {back};"));
        assert_all(&[(&up, &down, &expected)]);
    }
    for (change, scan) in [
        ("alter column c type pg_catalog.text", "type pg_catalog . text"),
        ("alter column c set expression as (d)", "set expression as ( d )"),
        ("validate constraint c", "validate constraint c"),
        ("set logged", "set logged"),
        ("set unlogged", "set unlogged"),
    ] {
        let up = format!("alter table pevensie.b {change};");
        let shown = change.replace('.', " . ").replace('(', "( ").split(' ').take(6).collect::<Vec<_>>().join(" ");
        let unknown = format!("1_a.up.sql:1: no rule knows what undoes `{shown}`");
        let mut expected = [on_table(scan), unknown];
        expected.sort();
        assert_all(&[(&up, "", &[&expected[0], &expected[1]])]);
    }
}

#[test]
fn a_way_back_that_does_not_lead_back() {
    let function =
        "create function pevensie.f(a pg_catalog.text) returns pg_catalog.text language sql as $$ select a $$;";
    let replaced = &function.replace("create", "create or replace");
    let makes = |object: &str| format!("1_a.up.sql:1: it makes {object}, and the other way does not take it");
    let takes = |object: &str| format!("1_a.down.sql:1: it takes {object}, and the other way does not make it");
    for (up, object) in [
        ("create table pevensie.a ();", "table pevensie.a"),
        ("create type pevensie.a as enum ();", "type pevensie.a"),
        ("create table pevensie.b (); create index a on pevensie.b using btree (c);", "table pevensie.b"),
        (function, "function pevensie.f(pg_catalog.text)"),
        ("alter table pevensie.a add column b pg_catalog.text;", "column b of pevensie.a"),
        ("alter table pevensie.a add constraint b check (c) not valid;", "constraint b of pevensie.a"),
        ("do $$ begin create table pevensie.a (); end $$;", "table pevensie.a"),
    ] {
        let expected = makes(object);
        let index = makes("index pevensie.a");
        let mut expected = vec![expected.as_str()];
        if up.contains("index") {
            expected.insert(0, &index);
        }
        assert_all(&[(up, "select 1;", &expected)]);
    }
    for (down, object) in [
        ("drop table pevensie.a;", "table pevensie.a"),
        ("drop type pevensie.a;", "type pevensie.a"),
        ("drop index pevensie.a;", "index pevensie.a"),
        ("drop function pevensie.f();", "function pevensie.f()"),
        ("alter table pevensie.a drop column b;", "column b of pevensie.a"),
        ("alter table pevensie.a drop constraint b;", "constraint b of pevensie.a"),
    ] {
        assert_all(&[("select 1;", down, &[&takes(object)])]);
    }
    assert_all(&[
        (function, "drop function pevensie.f(pg_catalog.text);", &[]),
        (
            function,
            "drop function pevensie.f(pg_catalog.int4);",
            &[&takes("function pevensie.f(pg_catalog.int4)"), &makes("function pevensie.f(pg_catalog.text)")],
        ),
        (replaced, replaced, &[]),
        (replaced, "drop function pevensie.f(pg_catalog.text);", &[]),
        (
            replaced,
            "select 1;",
            &["1_a.up.sql:1: it replaces function pevensie.f(pg_catalog.text), and the other way does not"],
        ),
        ("alter table pevensie.a drop constraint b;", "alter table pevensie.a add constraint b unique (c);", &[]),
        (
            "alter table pevensie.a drop constraint b;",
            "select 1;",
            &["1_a.up.sql:1: it takes constraint b of pevensie.a, and the other way does not make it"],
        ),
        (
            "alter table pevensie.a rename to b;",
            "alter table pevensie.b rename to a;",
            &[
                "1_a.down.sql:1: no rule knows what undoes `rename to a`",
                "1_a.up.sql:1: no rule knows what undoes `rename to b`",
            ],
        ),
    ]);
}
