//! Upstream's migrator and driver, by what was observed of them, on a database of ours; and a database of theirs.

use postgres::error::SqlState;
use postgres::{Client, NoTls};

use crate::support::{Database, FIRST, UP, UP_FIRST, contents, each_server, migrations, newest};

/// Upstream's plan: the stamps of its files that are greater than what is recorded for the module.
fn upstream_would_apply(client: &mut Client, module: &str) -> Vec<&'static str> {
    let schema = "select schema_name::text from information_schema.schemata where schema_name = 'pevensie'";
    if client.query(schema, &[]).expect("it answers").is_empty() {
        return vec![FIRST];
    }
    let version = format!("select version::text from pevensie.module_version where module = '{module}'");
    let Some(row) = client.query_opt(&version, &[]).expect("the table is there") else { return vec![FIRST] };
    // It reads the ISO form, in UTC: 2024-12-22 14:05:32+00.
    let recorded: String =
        row.get::<_, String>(0).trim_end_matches("+00").chars().filter(char::is_ascii_digit).collect();
    [FIRST].into_iter().filter(|stamp| **stamp > *recorded).collect()
}

/// Upstream's record of a migration.
fn upstream_records(client: &mut Client, module: &str, timestamp: &str) {
    let upsert = format!(
        "insert into pevensie.module_version (module, version) values ('{module}', timestamptz '{timestamp}')
         on conflict (module) do update set version = timestamptz '{timestamp}'"
    );
    assert_eq!(client.execute(&upsert, &[]).expect("the table is upstream's"), 1);
}

#[test]
fn upstreams_migrator_finds_nothing_to_do() {
    each_server(|server| {
        let database = server.database();
        let mut client = database.client();
        assert_eq!(upstream_would_apply(&mut client, "auth"), [FIRST]);
        database.run(&["migrate", "auth", "--apply"]).run().ok();
        for (module, pending) in [("base", &[][..]), ("auth", &[]), ("cache", &[FIRST])] {
            assert_eq!(upstream_would_apply(&mut client, module), pending, "{module}");
        }
    });
}

const UP_FIRST_OF_AUTH: [&str; 4] = ["migrate", UP_FIRST[1], UP_FIRST[2], "--apply"];

#[test]
fn what_upstream_records_is_seen() {
    each_server(|server| {
        let database = server.database();
        let mut client = database.client();
        database.run(&UP_FIRST_OF_AUTH).run().ok();
        let check = |words: &str, code: i32| {
            let status = database.run(&["status", "--check"]).run();
            assert_eq!(status.code, code, "{}", status.snapshot());
            assert!(status.snapshot().contains(words), "no {words:?} in {}", status.snapshot());
        };
        // The version that it is at already: nothing is wrong, only pending.
        upstream_records(&mut client, "auth", "2024-12-22T14:05:32.000000Z");
        check("hint: to see what is pending: pevensie-pg migrate auth", 3);
        database.run(&["migrate", "auth", "--apply"]).run().ok();
        check("everything is as it should be", 0);
        // A module of upstream's: its objects, and a row without a checksum.
        client.batch_execute(include_str!("../../sql/cache/20241222140532_cache.up.sql")).expect("it is not there yet");
        upstream_records(&mut client, "cache", "2024-12-22T14:05:32.000000Z");
        check("cache 20241222140532 is in module_version without a record of how it came there", 4);
        // A version that it is past. Upstream's own migrator does not do that: what it reads is newer.
        upstream_records(&mut client, "auth", "2024-12-22T14:05:32.000000Z");
        check("auth 20241222140532 was edited: module_version has another checksum", 4);
        // A version of upstream's future.
        upstream_records(&mut client, "auth", "2031-02-03T04:05:06.000000Z");
        check("auth 20310203040506 is not known to this binary", 4);
        let before = contents(&database);
        assert_eq!(database.run(UP).run().code, 4);
        assert_eq!(contents(&database), before);
    });
}

/// A database as upstream's migrator leaves it: no checksums, no log.
fn upstream_installed(database: &Database<'_>) -> Client {
    let mut client = database.client();
    for script in [
        include_str!("../../sql/ledger/create.sql"),
        include_str!("../../sql/base/20241222140532_uuid7.up.sql"),
        include_str!("../../sql/auth/20241222140532_users_sessions_tokens.up.sql"),
        include_str!("../../sql/cache/20241222140532_cache.up.sql"),
    ] {
        client.batch_execute(script).expect("the database is empty");
    }
    for module in ["base", "auth", "cache"] {
        upstream_records(&mut client, module, "2024-12-22T14:05:32.000000Z");
    }
    client
}

#[test]
fn a_database_of_upstreams_is_shown_and_adopted() {
    each_server(|server| {
        let database = server.database();
        let mut client = upstream_installed(&database);
        let before = contents(&database);
        let status = database.run(&["status", "--check"]).run();
        assert_eq!(status.code, 4, "{}", status.snapshot());
        for module in ["base", "auth", "cache"] {
            let row = status.stdout.lines().find(|line| line.starts_with(module)).expect("it has a row");
            assert!(row.contains(FIRST), "{row}");
            let fault = format!("{module} {FIRST} is in module_version without a record of how it came there");
            assert!(status.stdout.contains(&fault), "{}", status.snapshot());
        }
        assert_eq!(contents(&database), before);

        let output = database.run(UP).run().ok();
        assert_eq!(output.stdout.matches("adopted").count(), 3, "{}", output.snapshot());
        assert_eq!(output.stdout.lines().count(), migrations().len(), "{}", output.snapshot());
        database.run(&["status", "--check"]).run().ok();
        assert!(upstream_would_apply(&mut client, "cache").is_empty());
        let log = "select l.module, l.action, l.checksum = v.checksum from pevensie.migration_log l
                   left join pevensie.module_version v using (module, version) order by id";
        // What a module is past has no other record to be compared with; the status was good, so this binary knows it.
        let adopted = ["base", "auth", "cache"].map(|module| format!("{module}|adopt|"));
        let applied = migrations().iter().filter(|m| m.version != FIRST).map(|m| {
            let is_compared = if m.version == newest(&m.module) { "t" } else { "" };
            format!("{}|up|{is_compared}", m.module)
        });
        assert_eq!(database.query_text(log), adopted.into_iter().chain(applied).collect::<Vec<_>>().join("\n"));
    });
}

#[test]
fn a_database_of_upstreams_that_was_changed_is_not_adopted() {
    each_server(|server| {
        let database = server.database();
        upstream_installed(&database).batch_execute("drop index pevensie.user_email_unique_idx").expect("it is there");
        let before = contents(&database);
        let output = database.run(UP).run();
        assert_eq!((output.code, output.stdout.as_str()), (5, ""), "{}", output.snapshot());
        assert!(output.stderr.contains("user_email_unique_idx"), "{}", output.stderr);
        assert_eq!(contents(&database), before);
    });
}

/// An application with no more rights than it needs.
fn application(database: &Database<'_>) -> Client {
    application_of(database, UP)
}

/// Likewise, of what this command installs.
fn application_of(database: &Database<'_>, up: &[&str]) -> Client {
    let role = database.role("app", "nosuperuser");
    database.run(&[up, &["--grant-to", &role]].concat()).run().ok();
    database.execute("revoke execute on all functions in schema pevensie from public");
    Client::connect(&database.url_as(&role), NoTls).expect("it may log in")
}

fn sign_up(client: &mut Client, email: &str, phone: Option<&str>) -> Result<String, postgres::Error> {
    let insert = "insert into pevensie.\"user\" (email, phone_number, user_metadata, app_metadata)
                  values ($1, $2, '{}', '{}') returning id::text";
    client.query_one(insert, &[&email, &phone]).map(|row| row.get(0))
}

#[track_caller]
fn assert_violates<T>(result: Result<T, postgres::Error>, state: &SqlState, constraint: &str) {
    let Err(error) = result else { panic!("{constraint} was not violated") };
    let error = error.as_db_error().expect("the server refused it");
    assert_eq!((error.code(), error.constraint()), (state, Some(constraint)));
}

#[test]
fn users_sign_up_once_until_they_are_deleted() {
    each_server(|server| {
        let database = server.database();
        let mut client = application(&database);
        let lucy = sign_up(&mut client, "lucy@example.com", Some("+44 1")).expect("she is new");
        let again = sign_up(&mut client, "lucy@example.com", None);
        assert_violates(again, &SqlState::UNIQUE_VIOLATION, "user_email_unique_idx");
        let same_phone = sign_up(&mut client, "edmund@example.com", Some("+44 1"));
        assert_violates(same_phone, &SqlState::UNIQUE_VIOLATION, "user_phone_number_unique_idx");
        sign_up(&mut client, "susan@example.com", None).expect("a number is not needed");
        sign_up(&mut client, "peter@example.com", None).expect("and no number is not the same as no number");

        let delete = "update pevensie.\"user\" set deleted_at = now() where id = $1::text::uuid and deleted_at is null";
        assert_eq!(client.execute(delete, &[&lucy]).expect("she may go"), 1);
        let returned = sign_up(&mut client, "lucy@example.com", Some("+44 1")).expect("and may come back");
        assert_ne!(returned, lucy);
        let search = "select count(*) from pevensie.\"user\"
                      where deleted_at is null and email like any (array['lucy@%', 'susan@%'])";
        assert_eq!(client.query_one(search, &[]).expect("it answers").get::<_, i64>(0), 2);
        let update =
            "update pevensie.\"user\" set email = 'peter@example.com', updated_at = now() where id = $1::text::uuid";
        assert_violates(client.execute(update, &[&returned]), &SqlState::UNIQUE_VIOLATION, "user_email_unique_idx");
    });
}

#[test]
fn sessions_and_tokens_belong_to_a_user() {
    each_server(|server| {
        let database = server.database();
        let mut client = application(&database);
        let user = sign_up(&mut client, "lucy@example.com", None).expect("she is new");
        let session = "insert into pevensie.session (user_id, ip, user_agent, expires_at)
                       values ($1::text::uuid, '::1', 'lamp-post', now() + interval '1 day') returning id::text";
        let id: String = client.query_one(session, &[&user]).expect("a session").get(0);
        let nobody = "00000000-0000-7000-8000-000000000000";
        assert_violates(client.query(session, &[&nobody]), &SqlState::FOREIGN_KEY_VIOLATION, "session_user_id_fkey");

        let token = "insert into pevensie.one_time_token (user_id, token_type, token_hash, expires_at)
                     values ($1::text::uuid, 'password-reset', $2, now() + interval '1 hour')";
        let unique = "one_time_token_user_id_token_type_unique_idx";
        client.execute(token, &[&user, &"hash"]).expect("the first");
        assert_violates(client.execute(token, &[&user, &"other"]), &SqlState::UNIQUE_VIOLATION, unique);
        client.execute("update pevensie.one_time_token set deleted_at = now()", &[]).expect("it may go");
        client.execute(token, &[&user, &"other"]).expect("the second, after the first");

        let expire = "update pevensie.session set expires_at = now() where id = $1::text::uuid";
        assert_eq!(client.execute(expire, &[&id]).expect("it may expire"), 1);
        assert_eq!(client.execute("delete from pevensie.\"user\"", &[]).expect("she may go for good"), 1);
        let left = "select (select count(*) from pevensie.session) + (select count(*) from pevensie.one_time_token)";
        assert_eq!(client.query_one(left, &[]).expect("it answers").get::<_, i64>(0), 0);
    });
}

#[test]
fn the_cache_is_overwritten_by_resource_type_and_key() {
    each_server(|server| {
        let database = server.database();
        let mut client = application_of(&database, UP_FIRST);
        let set = "insert into pevensie.cache (resource_type, key, value, expires_at) values ($1, $2, $3, null)
                   on conflict (resource_type, key) do update set value = excluded.value, expires_at = excluded.expires_at";
        for value in ["old", "new"] {
            assert_eq!(client.execute(set, &[&"wardrobe", &"door", &value]).expect("it is set"), 1);
        }
        let get = "select value from pevensie.cache where resource_type = 'wardrobe' and key = 'door'";
        assert_eq!(client.query_one(get, &[]).expect("one row").get::<_, String>(0), "new");
        // As upstream's: a key is good for one resource type only.
        let taken = client.execute(set, &[&"house", &"door", &"x"]);
        assert_violates(taken, &SqlState::UNIQUE_VIOLATION, "cache_key_key");
        assert_eq!(client.execute("delete from pevensie.cache where key = 'door'", &[]).expect("it may go"), 1);

        // Later than upstream's: for each of them.
        database.run(UP).run().ok();
        for resource_type in ["wardrobe", "house", "house"] {
            assert_eq!(client.execute(set, &[&resource_type, &"door", &"x"]).expect("it is set"), 1);
        }
        assert_eq!(client.execute("delete from pevensie.cache where key = 'door'", &[]).expect("they may go"), 2);
    });
}
