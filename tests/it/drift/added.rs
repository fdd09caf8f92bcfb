//! What somebody added: no fault, except with `--strict`.

use super::{Mutation, each_mutation};

#[test]
fn what_was_added_is_told() {
    each_mutation(ADDED, |_, _| Ok(()));
}

const ADDED: &[Mutation] = &[
    ("alter table pevensie.session add column device text", &["extra column session.device: text null"]),
    (
        "create index session_ip_idx on pevensie.session (ip)",
        &["extra index session.session_ip_idx: CREATE INDEX session_ip_idx ON pevensie.session USING btree (ip)"],
    ),
    (
        "alter table pevensie.cache add constraint no_void check (value <> '')",
        &["extra constraint cache.no_void: CHECK ((value <> ''::text))"],
    ),
    (
        "alter table pevensie.cache add constraint one_value unique (value)",
        &["extra constraint cache.one_value: UNIQUE (value)"],
    ),
    (
        "create function public.f() returns trigger language plpgsql as 'begin return null; end';
         create trigger t before insert on pevensie.session for each row execute function public.f()",
        &["extra trigger session.t: \
           CREATE TRIGGER t BEFORE INSERT ON pevensie.session FOR EACH ROW EXECUTE FUNCTION public.f()"],
    ),
    (
        "create function public.f() returns trigger language plpgsql as 'begin return null; end';
         create constraint trigger t after insert on pevensie.session for each row execute function public.f();
         alter table pevensie.session disable trigger t",
        &["extra trigger session.t: CREATE CONSTRAINT TRIGGER t AFTER INSERT ON pevensie.session \
           NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION public.f() /* enabled=D */"],
    ),
    (
        "create rule r as on delete to pevensie.session do instead nothing",
        &["extra rule session.r: CREATE RULE r AS\n    ON DELETE TO pevensie.session DO INSTEAD NOTHING;"],
    ),
    ("create policy p on pevensie.session using (true)", &["extra policy session.p: permissive for * using (true)"]),
    ("create table pevensie.note (id int primary key, text text)", &["extra table note: logged"]),
    ("create view pevensie.answer as select 42 as answer", &["extra view answer: logged as  SELECT 42 AS answer;"]),
    (
        "create foreign data wrapper w; create server s foreign data wrapper w;
         create foreign table pevensie.far (key text) server s",
        &["extra foreign table far: logged"],
    ),
    ("create sequence pevensie.counter", &["extra sequence counter: logged"]),
    (
        "create function pevensie.f(int, text) returns int language sql immutable as 'select 1'",
        &["extra function f(integer, text): returns integer language sql immutable parallel unsafe body another's"],
    ),
    (
        "create procedure pevensie.p() language sql as 'select 1'",
        &["extra procedure p(): returns void language sql volatile parallel unsafe body another's"],
    ),
    (
        "create aggregate pevensie.total(int) (sfunc = int4pl, stype = int)",
        &["extra aggregate total(integer): returns integer language internal immutable parallel unsafe"],
    ),
    ("create type pevensie.mood as enum ('good', 'bad')", &["extra enum mood: 'good', 'bad'"]),
    (
        "create domain pevensie.name as text not null default 'x' check (value <> '')",
        &["extra domain name: text not null default 'x'::text CHECK ((VALUE <> ''::text))"],
    ),
    ("create type pevensie.pair as (a int, b text)", &["extra type pair: a integer, b text"]),
    ("create extension citext schema public; alter extension citext set schema pevensie", &["extra extension citext"]),
    (
        "create operator pevensie.=== (leftarg = text, rightarg = text, function = texteq)",
        &["extra operator ===(pg_catalog.text,pg_catalog.text)"],
    ),
    ("create collation pevensie.plain from \"C\"", &["extra collation plain"]),
    ("create statistics pevensie.both on user_id, ip from pevensie.session", &["extra statistics object \"both\""]),
    ("create text search configuration pevensie.words (copy = simple)", &["extra text search configuration words"]),
    // A type of ours in the ledger's own tables.
    ("alter table pevensie.module_version add column note text", &["extra column module_version.note: text null"]),
];
