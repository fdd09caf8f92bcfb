//! Upstream's driver, by what was observed of it, on a database of ours.

use postgres::error::SqlState;
use postgres::{Client, NoTls};

use crate::support::{Database, UP, UP_FIRST, each_server};

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
