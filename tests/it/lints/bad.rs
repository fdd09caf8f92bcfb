//! Scripts that break a rule, and what has to be said of them: proof that every rule can fail.

use super::findings;

/// All findings of a script, each as `LINE: words`.
fn said_of(path: &str, sql: &str) -> Vec<String> {
    let findings = findings(path, sql);
    let start = format!("{path}:");
    findings.into_iter().map(|finding| finding.strip_prefix(&start).expect("it names the file").to_owned()).collect()
}

fn assert_all(path: &str, cases: &[(&str, &[&str])]) {
    for (sql, expected) in cases {
        assert_eq!(said_of(path, sql), *expected, "{path}: {sql}");
    }
}

#[test]
fn what_does_not_parse() {
    assert_all(
        "auth/1_a.up.sql",
        &[
            ("select 1;\nselec;", &["2: it does not parse: expected command, found IDENT"]),
            ("do $$\nbegin\n  if 1 then end;\nend $$;", &["3: it does not parse: expected IF_KW"]),
            (
                "do $$\nbegin\n execute $a$\n selec\n $a$;\nend $$;",
                &["4: it does not parse: expected command, found IDENT"],
            ),
            ("do $$ begin\n execute 'drop table x'; end $$;", &["2: `'drop table x'` cannot be looked into"]),
            ("do language plpython3u $$ pass $$;", &["1: `do language plpython3u $$ pass $$ ;` cannot be looked into"]),
            (
                "create function pevensie.f() returns pg_catalog.text language c as 'f';",
                &["1: `create function pevensie . f (` cannot be looked into"],
            ),
            (
                "do $$ begin select 1, 2 into strict a, b.c from d where; end $$;",
                &["1: it does not parse: expected an expression, found EOF"],
            ),
        ],
    );
}

#[test]
fn what_does_not_name_its_schema() {
    assert_all(
        "auth/1_a.up.sql",
        &[
            ("create table a ();", &["1: a is not qualified"]),
            ("create temp table a ();", &["1: a is not qualified"]),
            ("create table public.a ();", &["1: public.a is in another schema"]),
            ("create table pg_catalog.a ();", &["1: pg_catalog.a is not ours to change"]),
            ("create table pevensie.a (b text);", &["1: text is not qualified"]),
            ("create table pevensie.a (b\n text[]);", &["2: text is not qualified"]),
            ("create table pevensie.a (b varchar(3));", &["1: the type `varchar ( 3 )` is not qualified"]),
            (
                "create table pevensie.a (b timestamp with time zone);",
                &["1: the type `timestamp with time zone` is not qualified"],
            ),
            (
                "create table pevensie.a (b pg_catalog.uuid default uuid7());",
                &["1: the function `uuid7` is not qualified"],
            ),
            (
                "create table pevensie.a (b pg_catalog.uuid default public.f());",
                &["1: the function `public . f` is in another schema"],
            ),
            ("create table pevensie.a (b pg_catalog.uuid references c);", &["1: c is not qualified"]),
            ("create table pevensie.a (b pg_catalog.text collate \"C\");", &["1: \"C\" is not qualified"]),
            ("create table pevensie.a (like pg_catalog.pg_class);", &["1: pg_catalog.pg_class is not ours to change"]),
            ("create index a on b using btree (c);", &["1: b is not qualified"]),
            ("create index a on pevensie.b using btree (lower(c));", &["1: the function `lower` is not qualified"]),
            ("create index a on pevensie.b using btree (c text_ops);", &["1: text_ops is not qualified"]),
            ("create type a as enum ('b');", &["1: a is not qualified"]),
            (
                "create function a() returns pg_catalog.text language sql as $$ select 'b' $$;",
                &["1: a is not qualified"],
            ),
            (
                "create function pevensie.a(b text) returns text language sql as $$ select b $$;",
                &["1: text is not qualified"],
            ),
            (
                "create function pevensie.a() returns pg_catalog.text language sql\nas $$ select\n b() $$;",
                &["3: the function `b` is not qualified"],
            ),
            (
                "create function pevensie.a() returns pg_catalog.text language sql\nbegin atomic select b(); end;",
                &["2: the function `b` is not qualified"],
            ),
            ("alter table a drop constraint b;", &["1: a is not qualified"]),
            ("alter table pevensie.a set schema public;", &["1: the schema public is not ours"]),
            ("drop table a;", &["1: a is not qualified"]),
            ("drop index a;", &["1: a is not qualified"]),
            ("drop type a;", &["1: a is not qualified"]),
            ("drop function a(pg_catalog.text);", &["1: a is not qualified"]),
            ("drop function pevensie.a(text);", &["1: text is not qualified"]),
            ("lock table a;", &["1: a is not qualified"]),
            ("insert into a values (1);", &["1: a is not qualified"]),
            ("insert into pg_catalog.pg_class values (1);", &["1: pg_catalog.pg_class is not ours to change"]),
            ("update a set b = 1;", &["1: a is not qualified"]),
            ("delete from a;", &["1: a is not qualified"]),
            ("select b from a;", &["1: a is not qualified"]),
            ("select b from public.a;", &["1: public.a is in another schema"]),
            ("with a as (select 1) select 1 from a, b;", &["1: b is not qualified"]),
            ("select from unnest(b) c;", &["1: the function `unnest` is not qualified"]),
            ("select left('a', 1);", &["1: the function `left` is not qualified"]),
            ("select substring('a' from 1);", &["1: the function `substring ( 'a' from 1 )` is not qualified"]),
            ("select count(*);", &["1: the function `count` is not qualified"]),
            ("select 1::int;", &["1: int is not qualified"]),
            ("select date '2000-01-01';", &["1: date is not qualified"]),
            ("select 1 operator(public.+) 1;", &["1: public. is in another schema"]),
            ("do $$\ndeclare a text;\nbegin\nend $$;", &["2: text is not qualified"]),
            ("do $$\nbegin\n lock table a;\nend $$;", &["3: a is not qualified"]),
            ("do $$\nbegin\n perform a();\nend $$;", &["3: the function `a` is not qualified"]),
            ("do $$\nbegin\n select b, c\n into d, e.f\n from a;\nend $$;", &["5: a is not qualified"]),
            ("do $$\nbegin\n execute $a$\n select from b\n $a$ into c;\nend $$;", &["4: b is not qualified"]),
        ],
    );
    assert_all(
        "ledger/a.sql",
        &[
            ("create schema a;", &["1: the schema a is not ours"]),
            ("do $$ begin drop schema a; end $$;", &["1: the schema a is not ours"]),
        ],
    );
}

#[test]
fn statements_that_do_not_belong_into_a_migration() {
    assert_all(
        "auth/1_a.down.sql",
        &[
            ("create extension pgcrypto;", &["1: no rule knows what `create extension pgcrypto ;` does"]),
            ("do $$ begin\n create role a; end $$;", &["2: no rule knows what `create role a` does"]),
            ("create schema pevensie;", &["1: no rule knows what `create schema pevensie ;` does"]),
            ("set local search_path to a;", &["1: no rule knows what `set local search_path to a ;` does"]),
            ("drop table pevensie.a cascade;", &["1: cascade may take what is not ours"]),
            ("alter table pevensie.a drop column b cascade;", &["1: cascade may take what is not ours"]),
        ],
    );
    assert_all("ledger/a.sql", &[("set search_path to a;", &["1: `set search_path to a ;` is not local"])]);
}

#[test]
fn what_does_not_work_in_a_transaction() {
    for path in ["auth/1_a.up.sql", "auth/1_a.down.sql", "ledger/a.sql"] {
        assert_all(
            path,
            &[
                ("begin;\nselect 1;\ncommit;", &["1: `begin ;` is the caller's", "3: `commit ;` is the caller's"]),
                ("start transaction;", &["1: `start transaction ;` is the caller's"]),
                ("end;", &["1: `end ;` is the caller's"]),
                ("rollback;", &["1: `rollback ;` is the caller's"]),
                ("savepoint a;", &["1: `savepoint a ;` is the caller's"]),
                ("release a;", &["1: `release a ;` is the caller's"]),
                ("rollback to a;", &["1: `rollback to a ;` is the caller's"]),
                ("set transaction read only;", &["1: `set transaction read only ;` is the caller's"]),
                ("do $$ begin\n commit; end $$;", &["2: `commit ;` is the caller's"]),
                ("do $$ begin\n rollback; end $$;", &["2: `rollback ;` is the caller's"]),
                (
                    "create index concurrently a on pevensie.b using btree (c);",
                    &["1: concurrently does not work in a transaction"],
                ),
                ("drop index concurrently pevensie.a;", &["1: concurrently does not work in a transaction"]),
            ],
        );
    }
}

#[test]
fn what_an_online_script_must_not_be() {
    let good = "create index concurrently a on pevensie.b using btree (c);";
    let two = format!("{good}\n{good}");
    assert_all(
        "auth/1_a.online.sql",
        &[
            (good, &[]),
            ("-- nothing", &["1: 0 statements where there must be one"]),
            (&two, &["1: 2 statements where there must be one"]),
            (
                "create index a on pevensie.b using btree (c);",
                &["1: `create index a on pevensie .` is not `create index concurrently`"],
            ),
            (
                "drop index concurrently pevensie.a;",
                &["1: `drop index concurrently pevensie . a` is not `create index concurrently`"],
            ),
            (
                "create index concurrently if not exists a on pevensie.b using btree (c);",
                &["1: `if not exists` would take an invalid index for a good one"],
            ),
            ("create index concurrently a on b using btree (c);", &["1: b is not qualified"]),
        ],
    );
}
