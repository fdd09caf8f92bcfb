//! The driver's statements.

use postgres::Client;
use postgres::error::SqlState;

use super::database::Database;

/// A user, by its id.
pub(crate) const USER: &str = "'00000000-0000-7000-8000-000000000007'";

pub(crate) const SEARCH: &str = "search for users";
pub(crate) const LEAVE: &str = "delete a user's sessions";
pub(crate) const PURGE_SESSIONS: &str = "purge sessions";
pub(crate) const PURGE_CACHE: &str = "purge the cache";

/// What an application asks through the driver, and what it asks to tidy up: a name, a statement, its values.
pub(crate) const STATEMENTS: &[(&str, &str, &str)] = &[
    (
        "create a user",
        "insert into pevensie.\"user\" (email, phone_number, user_metadata, app_metadata)
         values ($1, $2, '{}', '{}') returning *",
        "'lucy@example.com', '+44 0'",
    ),
    ("fetch a user by id", "select * from pevensie.\"user\" where id = $1 and deleted_at is null", USER),
    (
        "fetch a user by email",
        "select * from pevensie.\"user\" where email = $1 and deleted_at is null",
        "'user0000007@example.com'",
    ),
    (
        "fetch a user by phone number",
        "select * from pevensie.\"user\" where phone_number = $1 and deleted_at is null",
        "'+44 0000007'",
    ),
    (
        SEARCH,
        "select * from pevensie.\"user\" where deleted_at is null and email like any ($1::text[]) limit 100",
        "'{user00000%@example.com, lucy%}'",
    ),
    (
        "update a user",
        "update pevensie.\"user\" set email = $2, updated_at = now() where id = $1 and deleted_at is null returning *",
        "'00000000-0000-7000-8000-000000000007', 'susan@example.com'",
    ),
    (
        "soft-delete a user",
        "update pevensie.\"user\" set deleted_at = now() where id = $1 and deleted_at is null",
        USER,
    ),
    ("delete a user", "delete from pevensie.\"user\" where id = $1", USER),
    (
        "create a session",
        "insert into pevensie.session (user_id, ip, user_agent, expires_at)
         values ($1, '::1', 'lamp-post', now() + interval '1 day') returning *",
        USER,
    ),
    (
        "fetch a session",
        "select * from pevensie.session where id = $1 and (expires_at is null or expires_at > now())",
        USER,
    ),
    (
        "fetch a session with its user",
        "select * from pevensie.session s join pevensie.\"user\" u on u.id = s.user_id
         where s.id = $1 and (s.expires_at is null or s.expires_at > now()) and u.deleted_at is null",
        USER,
    ),
    ("expire a session", "update pevensie.session set expires_at = now() where id = $1", USER),
    ("delete a session", "delete from pevensie.session where id = $1", USER),
    (LEAVE, "delete from pevensie.session where user_id = $1", USER),
    (PURGE_SESSIONS, "delete from pevensie.session where expires_at < now()", ""),
    (
        "create a token",
        "insert into pevensie.one_time_token (user_id, token_type, token_hash, expires_at)
         values ($1, 'password-reset', $2, now() + interval '1 hour') returning *",
        "'00000000-0000-7000-8000-000000000007', 'hash'",
    ),
    (
        "check a token",
        "select * from pevensie.one_time_token where user_id = $1 and token_type = 'password-reset'
         and token_hash = $2 and used_at is null and deleted_at is null and expires_at > now()",
        "'00000000-0000-7000-8000-000000000007', 'hash'",
    ),
    (
        "use a token",
        "update pevensie.one_time_token set used_at = now() where token_hash = $1 and used_at is null
         and deleted_at is null and expires_at > now() returning *",
        "'8f14e45fceea167a5a36dedd4bea2543'",
    ),
    (
        "delete a user's tokens",
        "update pevensie.one_time_token set deleted_at = now() where user_id = $1
         and token_type = 'password-reset' and deleted_at is null",
        USER,
    ),
    (
        "set in the cache",
        "insert into pevensie.cache (resource_type, key, value, expires_at) values ($1, $2, $3, null)
         on conflict (resource_type, key) do update set value = excluded.value, expires_at = excluded.expires_at",
        "'type 0', 'key 0000007', 'new'",
    ),
    (
        "get from the cache",
        "select value from pevensie.cache where resource_type = $1 and key = $2
         and (expires_at is null or expires_at > now())",
        "'type 0', 'key 0000007'",
    ),
    (
        "delete from the cache",
        "delete from pevensie.cache where resource_type = $1 and key = $2",
        "'type 0', 'key 0000007'",
    ),
    (PURGE_CACHE, "delete from pevensie.cache where expires_at < now()", ""),
];

/// Adds the user that the statements speak of, with a session and a token that go when the user goes.
pub(crate) fn seed(database: &Database<'_>) {
    database.execute(&format!(
        "insert into pevensie.\"user\" (id, email, user_metadata) values ({USER}, 'edmund@example.com', '{{}}');
         insert into pevensie.session (user_id) values ({USER});
         insert into pevensie.one_time_token (user_id, token_type, token_hash, expires_at)
         values ({USER}, 'password-reset', 'x', now())
         on conflict do nothing;
         update pevensie.one_time_token set deleted_at = now()"
    ));
}

/// The statements for which a role lacks a privilege; all others have to succeed, and are taken back.
pub(crate) fn refused(client: &mut Client) -> Vec<&'static str> {
    let is_refused = |(name, statement, values): &(&'static str, &str, &str)| {
        let values = if values.is_empty() { String::new() } else { format!("({values})") };
        let all = format!("begin; prepare statement as {statement}; execute statement {values}");
        let result = client.batch_execute(&all);
        client.batch_execute("rollback; deallocate all").expect("the session is still there");
        match result {
            Ok(()) => None,
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Some(*name),
            Err(error) => panic!("{name}: {error:?}"),
        }
    };
    STATEMENTS.iter().filter_map(is_refused).collect()
}
