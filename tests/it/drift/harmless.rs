//! What makes no difference to whoever uses the schema, and must not be told.

use super::{Mutation, each_mutation, install, judge};
use crate::support::each_server;

#[test]
fn what_makes_no_difference_is_not_told() {
    each_mutation(HARMLESS, |_, _| Ok(()));
}

/// The role `scram` is one that every server of the tests has.
const HARMLESS: &[Mutation] = &[
    ("alter table pevensie.session owner to scram; alter function pevensie.uuid7() owner to scram", &[]),
    ("alter schema pevensie owner to scram", &[]),
    ("grant all on schema pevensie to scram; grant select on all tables in schema pevensie to scram", &[]),
    ("revoke execute on function pevensie.uuid7() from public", &[]),
    ("alter default privileges in schema pevensie grant select on tables to scram", &[]),
    ("comment on table pevensie.session is 'of users'; comment on column pevensie.session.ip is 'last'", &[]),
    ("comment on schema pevensie is 'of a framework'; comment on function pevensie.uuid7() is 'RFC 9562'", &[]),
    ("alter table pevensie.session alter user_id set statistics 1000, alter user_id set (n_distinct = -0.1)", &[]),
    (
        "alter table pevensie.session set (fillfactor = 70); alter index pevensie.session_pkey set (fillfactor = 70)",
        &[],
    ),
    ("alter table pevensie.cache set (autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_enabled = off)", &[]),
    ("alter table pevensie.cache set (toast_tuple_target = 4080, parallel_workers = 4)", &[]),
    ("alter table pevensie.cache alter value set storage external, alter value set compression pglz", &[]),
    ("alter table pevensie.session replica identity full; alter table pevensie.session cluster on session_pkey", &[]),
    ("alter function pevensie.uuid7() cost 7", &[]),
    ("analyze pevensie.session", &[]),
    ("vacuum full pevensie.session", &[]),
    ("cluster pevensie.session using session_pkey", &[]),
    ("reindex table pevensie.session", &[]),
    ("reindex table concurrently pevensie.one_time_token", &[]),
    (
        "create publication everything for tables in schema pevensie; create publication one for table pevensie.session",
        &[],
    ),
    ("truncate pevensie.session; insert into pevensie.cache values ('a', 'b', 'c', now())", &[]),
    // A column that was dropped and made anew comes last, and leaves a gap.
    ("alter table pevensie.session drop column ip; alter table pevensie.session add column ip inet", &[]),
    (
        "drop table pevensie.cache;
         create unlogged table pevensie.cache (
           expires_at timestamptz, value text not null, key text, resource_type text,
           constraint cache_pkey primary key (resource_type, key));
         create index cache_expires_at_idx on pevensie.cache (expires_at)",
        &[],
    ),
    // Outside the schema anything goes.
    ("create schema other; create table other.session (); create index on other.session ((1))", &[]),
    ("create table public.log (session_id uuid references pevensie.session (id))", &[]),
    ("create view public.sessions as select * from pevensie.session", &[]),
];

#[test]
fn tablespaces_make_no_difference() {
    each_server(|server| {
        let space = format!("space_{}", server.database().name());
        // In place: below the server's own folder, so that there is no other to be made for it.
        let mut client = server.client();
        client.batch_execute("set allow_in_place_tablespaces to on").unwrap();
        client.batch_execute(&format!("create tablespace {space} location ''")).unwrap();
        {
            let database = server.database();
            install(&database);
            database.execute(&format!(
                "alter table pevensie.session set tablespace {space}; alter index pevensie.session_pkey set tablespace {space}"
            ));
            judge(&database, &("select 1", &[])).unwrap();
        }
        client.batch_execute(&format!("drop tablespace {space}")).unwrap();
    });
}
