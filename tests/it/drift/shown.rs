//! How drift is shown.

use super::{drift, install};
use crate::support::{Database, assert_snapshot, pevensie_pg, servers};

/// A database with things missing, changed and added.
fn drifted() -> Database<'static> {
    let database = servers()[0].database();
    install(&database);
    database.execute(
        "alter table pevensie.session drop constraint session_user_id_fkey, alter created_at drop default;
         create index on pevensie.session (ip);
         drop index pevensie.user_phone_number_unique_idx;
         create unique index user_phone_number_unique_idx on pevensie.\"user\" (phone_number) where phone_number <> '';
         alter table pevensie.\"user\" enable row level security;
         drop table pevensie.cache",
    );
    database
}

#[test]
fn people_see_what_differs_and_what_mends_it() {
    let database = drifted();
    let mut output = pevensie_pg(&["status", "--check", "--addr", &database.url()]).run();
    let (modules, drift) = output.stdout.split_once("\n\n").expect("an empty line ends the modules");
    assert_eq!(modules.lines().count(), 4);
    output.stdout = drift.to_owned();
    assert_snapshot!(output, @r#"
    $ pevensie-pg status --check --addr postgres://postgres@127.0.0.1:[port]/[db]
    [exit 5]
    --- stdout
    changed table pevensie."user"
      expected: logged
      found:    logged row-security
      to mend:  alter table pevensie."user" disable row level security;
    missing table pevensie.cache
      to mend:  create unlogged table pevensie.cache (
                  resource_type pg_catalog.text not null,
                  key pg_catalog.text not null constraint cache_key_key unique,
                  value pg_catalog.text not null,
                  expires_at pg_catalog.timestamptz,
                  constraint cache_pkey primary key (resource_type, key)
                );
                alter table pevensie.cache drop constraint cache_key_key;
                create index cache_expires_at_idx on pevensie.cache using btree (expires_at);
    changed column pevensie.session.created_at
      expected: timestamp with time zone not null default now()
      found:    timestamp with time zone not null
      to mend:  alter table pevensie.session alter column created_at set default now();
    missing constraint pevensie.session.session_user_id_fkey
      to mend:  alter table pevensie.session add constraint session_user_id_fkey FOREIGN KEY (user_id) REFERENCES pevensie."user"(id) ON DELETE CASCADE;
    changed index pevensie."user".user_phone_number_unique_idx
      expected: CREATE UNIQUE INDEX user_phone_number_unique_idx ON pevensie."user" USING btree (phone_number, deleted_at) NULLS NOT DISTINCT WHERE (phone_number IS NOT NULL)
      found:    CREATE UNIQUE INDEX user_phone_number_unique_idx ON pevensie."user" USING btree (phone_number) WHERE (phone_number <> ''::text)
      to mend:  drop index pevensie.user_phone_number_unique_idx;
                CREATE UNIQUE INDEX user_phone_number_unique_idx ON pevensie."user" USING btree (phone_number, deleted_at) NULLS NOT DISTINCT WHERE (phone_number IS NOT NULL);
    extra index pevensie.session.session_ip_idx
      found:    CREATE INDEX session_ip_idx ON pevensie.session USING btree (ip)

    --- stderr
    database "[db]" on 127.0.0.1:[port], PostgreSQL [version]
    the schema is not what its versions say
    "#);
}

#[test]
fn the_words_that_differ_stand_out() {
    let database = drifted();
    let output = pevensie_pg(&["status", "--color", "always", "--addr", &database.url()]).run().ok();
    let mut lines =
        output.stdout.lines().skip_while(|line| !line.contains("changed") || !line.contains("phone_number"));
    let expected = lines.nth(1).expect("what is expected follows");
    assert!(expected.contains("\u{1b}[1mNULLS\u{1b}[0m") && expected.contains(" USING btree "), "{expected:?}");
}

#[test]
fn machines_see_it_field_by_field() {
    let (mut found, _) = drift(&drifted(), &[]).unwrap();
    found.retain(|difference| difference["identity"].as_str().is_some_and(|name| name.starts_with("session.")));
    insta::assert_snapshot!(serde_json::to_string_pretty(&found[..]).unwrap(), @r#"
    [
      {
        "difference": "changed",
        "expected": "timestamp with time zone not null default now()",
        "found": "timestamp with time zone not null",
        "identity": "session.created_at",
        "kind": "column",
        "mend": "alter table pevensie.session alter column created_at set default now();"
      },
      {
        "difference": "missing",
        "expected": "FOREIGN KEY (user_id) REFERENCES pevensie.\"user\"(id) ON DELETE CASCADE",
        "identity": "session.session_user_id_fkey",
        "kind": "constraint",
        "mend": "alter table pevensie.session add constraint session_user_id_fkey FOREIGN KEY (user_id) REFERENCES pevensie.\"user\"(id) ON DELETE CASCADE;"
      },
      {
        "difference": "extra",
        "found": "CREATE INDEX session_ip_idx ON pevensie.session USING btree (ip)",
        "identity": "session.session_ip_idx",
        "kind": "index"
      }
    ]
    "#);
}

#[test]
fn github_shows_a_line_for_each_difference() {
    let database = drifted();
    let run = pevensie_pg(&["status", "--check", "--quiet", "--addr", &database.url()]).env("GITHUB_ACTIONS", "true");
    insta::assert_snapshot!(run.run().stderr, @r#"
    ::error title=pevensie-pg drift::table pevensie."user" was changed
    ::error title=pevensie-pg drift::table pevensie.cache is missing
    ::error title=pevensie-pg drift::column pevensie.session.created_at was changed
    ::error title=pevensie-pg drift::constraint pevensie.session.session_user_id_fkey is missing
    ::error title=pevensie-pg drift::index pevensie."user".user_phone_number_unique_idx was changed
    ::warning title=pevensie-pg drift::index pevensie.session.session_ip_idx is extra
    "#);
    // Only --check is about a build.
    let run = pevensie_pg(&["status", "--quiet", "--addr", &database.url()]).env("GITHUB_ACTIONS", "true");
    assert_eq!(run.run().ok().stderr, "");
}
