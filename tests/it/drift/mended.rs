//! Faults that a statement mends: it is shown, and it does.

use serde_json::Value;

use super::{Mutation, drift, each_mutation, execute, line};
use crate::support::Database;

#[test]
fn what_is_missing_or_changed_is_told_with_what_mends_it() {
    each_mutation(MENDED, |database, found| {
        if let Some(difference) = found.iter().find(|difference| difference["mend"].is_null()) {
            return Err(format!("nothing is shown that mends it: {}", line(difference)));
        }
        match run_mends(database, found)? {
            (_, 0) => Ok(()),
            (left, code) => Err(format!("exit {code} when that was mended, because of {left:#?}")),
        }
    });
}

/// Runs exactly the statements that are shown, in the order in which they are shown; then `status --check --strict`.
pub(super) fn run_mends(database: &Database<'_>, found: &[Value]) -> Result<(Vec<Value>, i32), String> {
    let mended: Vec<_> = found.iter().filter(|difference| !difference["mend"].is_null()).collect();
    for difference in &mended {
        execute(database, difference["mend"].as_str().unwrap_or_default())?;
    }
    let (left, code) = drift(database, &["--strict"])?;
    match mended.into_iter().find(|difference| left.contains(difference)) {
        Some(difference) => Err(format!("what is shown mends nothing: {difference:#}")),
        None => Ok((left, code)),
    }
}

const MENDED: &[Mutation] = &[
    // Columns.
    ("alter table pevensie.cache drop column value", &["missing column cache.value"]),
    (
        "alter table pevensie.cache drop column expires_at",
        &["missing column cache.expires_at", "missing index cache.cache_expires_at_idx"],
    ),
    ("alter table pevensie.\"user\" drop column user_metadata", &["missing column \"user\".user_metadata"]),
    ("alter table pevensie.cache alter value drop not null", &["changed column cache.value: text null"]),
    ("alter table pevensie.session alter user_agent set not null", &["changed column session.user_agent: text not null"]),
    (
        "alter table pevensie.session alter created_at drop default",
        &["changed column session.created_at: timestamp with time zone not null"],
    ),
    (
        "alter table pevensie.session alter created_at set default '2000-01-01Z'",
        &["changed column session.created_at: timestamp with time zone not null \
           default '2000-01-01 00:00:00+00'::timestamp with time zone"],
    ),
    (
        "alter table pevensie.\"user\" alter role set default 'admin', alter role set not null",
        &["changed column \"user\".role: text not null default 'admin'::text"],
    ),
    (
        "alter table pevensie.session alter id set default gen_random_uuid()",
        &["changed column session.id: uuid not null default gen_random_uuid()"],
    ),
    (
        "alter table pevensie.one_time_token drop column token_hash",
        &[
            "missing column one_time_token.token_hash",
            "missing constraint one_time_token.one_time_token_token_hash_check",
            "missing index one_time_token.one_time_token_token_hash_idx",
        ],
    ),
    // Indexes.
    ("drop index pevensie.user_email_unique_idx", &["missing index \"user\".user_email_unique_idx"]),
    (
        "update pg_index set indisvalid = false where indexrelid = 'pevensie.one_time_token_token_hash_idx'::regclass",
        &["changed index one_time_token.one_time_token_token_hash_idx: CREATE INDEX one_time_token_token_hash_idx \
           ON pevensie.one_time_token USING hash (token_hash) /* invalid */"],
    ),
    (
        "update pg_index set indisready = false, indisvalid = false
         where indexrelid = 'pevensie.one_time_token_token_hash_idx'::regclass",
        &["changed index one_time_token.one_time_token_token_hash_idx: CREATE INDEX one_time_token_token_hash_idx \
           ON pevensie.one_time_token USING hash (token_hash) /* invalid */ /* not ready */"],
    ),
    (
        "drop index pevensie.one_time_token_token_hash_idx;
         create index one_time_token_token_hash_idx on pevensie.one_time_token (token_hash)",
        &["changed index one_time_token.one_time_token_token_hash_idx: CREATE INDEX one_time_token_token_hash_idx \
           ON pevensie.one_time_token USING btree (token_hash)"],
    ),
    (
        "drop index pevensie.one_time_token_user_id_token_type_unique_idx;
         create unique index one_time_token_user_id_token_type_unique_idx on pevensie.one_time_token (user_id, token_type)
         nulls not distinct",
        &["changed index one_time_token.one_time_token_user_id_token_type_unique_idx: \
           CREATE UNIQUE INDEX one_time_token_user_id_token_type_unique_idx ON pevensie.one_time_token \
           USING btree (user_id, token_type) NULLS NOT DISTINCT"],
    ),
    (
        "drop index pevensie.user_email_unique_idx;
         create unique index user_email_unique_idx on pevensie.\"user\" (email, deleted_at) where email is not null",
        &["changed index \"user\".user_email_unique_idx: CREATE UNIQUE INDEX user_email_unique_idx \
           ON pevensie.\"user\" USING btree (email, deleted_at) WHERE (email IS NOT NULL)"],
    ),
    (
        "drop index pevensie.user_email_unique_idx;
         create index user_email_unique_idx on pevensie.\"user\" (email, deleted_at) where email is not null",
        &["changed index \"user\".user_email_unique_idx: CREATE INDEX user_email_unique_idx \
           ON pevensie.\"user\" USING btree (email, deleted_at) WHERE (email IS NOT NULL)"],
    ),
    (
        "drop index pevensie.user_email_unique_idx;
         create unique index user_email_unique_idx on pevensie.\"user\" (lower(email) desc, deleted_at) include (id)
         nulls not distinct where email <> ''",
        &["changed index \"user\".user_email_unique_idx: CREATE UNIQUE INDEX user_email_unique_idx ON pevensie.\"user\" \
           USING btree (lower(email) DESC, deleted_at) INCLUDE (id) NULLS NOT DISTINCT WHERE (email <> ''::text)"],
    ),
    // Constraints.
    (
        "alter table pevensie.session drop constraint session_user_id_fkey",
        &["missing constraint session.session_user_id_fkey"],
    ),
    ("alter table pevensie.cache drop constraint cache_pkey", &["missing constraint cache.cache_pkey"]),
    (
        "alter table pevensie.one_time_token drop constraint one_time_token_token_hash_check",
        &["missing constraint one_time_token.one_time_token_token_hash_check"],
    ),
    (
        "alter table pevensie.session drop constraint session_user_id_fkey, add constraint session_user_id_fkey
         foreign key (user_id) references pevensie.\"user\" (id) on delete cascade not valid",
        &["changed constraint session.session_user_id_fkey: \
           FOREIGN KEY (user_id) REFERENCES pevensie.\"user\"(id) ON DELETE CASCADE NOT VALID"],
    ),
    (
        "alter table pevensie.session drop constraint session_user_id_fkey, add constraint session_user_id_fkey
         foreign key (user_id) references pevensie.\"user\" (id)",
        &["changed constraint session.session_user_id_fkey: FOREIGN KEY (user_id) REFERENCES pevensie.\"user\"(id)"],
    ),
    (
        "alter table pevensie.session alter constraint session_user_id_fkey deferrable initially deferred",
        &["changed constraint session.session_user_id_fkey: FOREIGN KEY (user_id) REFERENCES pevensie.\"user\"(id) \
           ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"],
    ),
    (
        "alter table pevensie.one_time_token drop constraint one_time_token_token_hash_check,
         add constraint one_time_token_token_hash_check check (char_length(token_hash) >= 0)",
        &["changed constraint one_time_token.one_time_token_token_hash_check: CHECK ((char_length(token_hash) >= 0))"],
    ),
    (
        "alter table pevensie.cache drop constraint cache_pkey, add constraint cache_pkey primary key (key, resource_type)",
        &["changed constraint cache.cache_pkey: PRIMARY KEY (key, resource_type)"],
    ),
    (
        "alter table pevensie.session drop constraint session_pkey, add constraint session_pkey unique (id)",
        &["changed constraint session.session_pkey: UNIQUE (id)"],
    ),
    (
        "alter table pevensie.session disable trigger all",
        &["changed constraint session.session_user_id_fkey: FOREIGN KEY (user_id) REFERENCES pevensie.\"user\"(id) \
           ON DELETE CASCADE /* triggers disabled */"],
    ),
    (
        "alter table pevensie.\"user\" disable trigger all",
        &[
            "changed constraint one_time_token.one_time_token_user_id_fkey: FOREIGN KEY (user_id) \
             REFERENCES pevensie.\"user\"(id) ON DELETE CASCADE /* triggers disabled */",
            "changed constraint session.session_user_id_fkey: FOREIGN KEY (user_id) REFERENCES pevensie.\"user\"(id) \
             ON DELETE CASCADE /* triggers disabled */",
        ],
    ),
    (
        "alter table pevensie.\"user\" drop constraint user_pkey cascade",
        &[
            "missing constraint \"user\".user_pkey",
            "missing constraint one_time_token.one_time_token_user_id_fkey",
            "missing constraint session.session_user_id_fkey",
        ],
    ),
    // What an earlier version had.
    (
        "alter table pevensie.cache add constraint cache_key_key unique (key)",
        &["obsolete constraint cache.cache_key_key: UNIQUE (key)"],
    ),
    // Functions.
    (
        "create or replace function pevensie.uuid7() returns uuid language plpgsql as 'begin return gen_random_uuid(); end'",
        &["changed function uuid7(): returns uuid language plpgsql volatile parallel unsafe body another's"],
    ),
    (
        "create or replace function pevensie.uuid7() returns uuid language sql as 'select gen_random_uuid()'",
        &["changed function uuid7(): returns uuid language sql volatile parallel unsafe body another's"],
    ),
    (
        "alter function pevensie.uuid7() stable parallel restricted",
        &["changed function uuid7(): returns uuid language plpgsql stable parallel restricted body ours"],
    ),
    (
        "alter function pevensie.uuid7(timestamptz) immutable strict leakproof",
        &["changed function uuid7(timestamp with time zone): \
           returns uuid language plpgsql immutable parallel unsafe strict leakproof body ours"],
    ),
    (
        "alter function pevensie.uuid7() security definer",
        &["changed function uuid7(): \
           returns uuid language plpgsql volatile parallel unsafe security definer body ours"],
    ),
    (
        "alter function pevensie.uuid7() set search_path to evil",
        &["changed function uuid7(): returns uuid language plpgsql volatile parallel unsafe set search_path=evil body ours"],
    ),
    ("drop function pevensie.uuid7(timestamptz)", &["missing function uuid7(timestamp with time zone)"]),
    (
        "drop function pevensie.uuid7() cascade",
        &[
            "missing function uuid7()",
            "changed column \"user\".id: uuid not null",
            "changed column one_time_token.id: uuid not null",
            "changed column session.id: uuid not null",
        ],
    ),
    // Types and tables.
    (
        "drop type pevensie.one_time_token_type cascade",
        &[
            "missing enum one_time_token_type",
            "missing column one_time_token.token_type",
            "missing index one_time_token.one_time_token_user_id_token_type_unique_idx",
        ],
    ),
    ("drop table pevensie.cache", &["missing table cache"]),
    ("drop table pevensie.one_time_token", &["missing table one_time_token"]),
    (
        "drop table pevensie.\"user\" cascade",
        &[
            "missing table \"user\"",
            "missing constraint one_time_token.one_time_token_user_id_fkey",
            "missing constraint session.session_user_id_fkey",
        ],
    ),
    // The ledger.
    (
        "alter table pevensie.module_version drop constraint module_version_pkey",
        &["missing constraint module_version.module_version_pkey"],
    ),
    (
        "alter table pevensie.module_version alter version drop not null",
        &["changed column module_version.version: timestamp with time zone null"],
    ),
    (
        "alter table pevensie.migration_log drop constraint migration_log_action_check",
        &["missing constraint migration_log.migration_log_action_check"],
    ),
];
