//! The test bench itself: without these, a green run would prove little.

use postgres::{Client, NoTls};

use crate::support::{Bouncer, assert_snapshot, catalog, each_server, pevensie_pg, psql, servers};

#[test]
fn each_server_answers_and_has_its_version() {
    each_server(|server| {
        let version =
            server.client().query_one("show server_version_num", &[]).expect("it answers").get::<_, String>(0);
        assert_eq!(version.parse::<u32>().expect("a number") / 10_000, server.version);
    });
}

#[test]
#[should_panic(expected = "on PostgreSQL 15: it is broken")]
fn a_failure_names_the_version() {
    each_server(|server| assert!(server.version != 15, "it is broken"));
}

#[test]
fn a_database_is_empty_and_gone_afterwards() {
    each_server(|server| {
        let database = server.database();
        let (name, role) = (database.name().to_owned(), database.role("app", "nosuperuser"));
        database.execute(&format!(
            "create schema pevensie; create table pevensie.t (); grant create on database {name} to {role}"
        ));
        assert_eq!(database.query_text("select 1, null, 'b' union all select 2, '', 'c' order by 1"), "1||b\n2||c");
        assert_eq!(catalog(&database).len(), 2, "the schema and the table");
        for url in [database.url(), database.url_as(&role), database.socket_url()] {
            let row = Client::connect(&url, NoTls).expect(&url).query_one("select current_database()::text", &[]);
            assert_eq!(row.expect(&url).get::<_, String>(0), name);
        }
        let _still_connected = database.client();
        drop(database);
        let left = "select 1 from pg_database where datname = $1 union all select 2 from pg_roles where rolname = $2";
        assert!(server.client().query(left, &[&name, &role]).expect("it answers").is_empty());
    });
}

#[test]
fn psql_stops_at_an_error() {
    let database = servers()[0].database();
    let output = psql(&database, &["-At"], "select 'one';\nselect 1 / 0;\nselect 'two';\n");
    assert_snapshot!(output, @r"
    $ psql -X -v ON_ERROR_STOP=1 -f - -d postgres://postgres@127.0.0.1:[port]/[db] -At
    [exit 3]
    --- stdout
    one

    --- stderr
    psql:<stdin>:2: ERROR:  division by zero
    ");
}

#[test]
fn a_bouncer_shares_one_connection() {
    let server = &servers()[0];
    let database = server.database();
    let bouncer = Bouncer::start(server, 1);
    let mut backends = (0..2).map(|_| {
        let mut client = Client::connect(&bouncer.url(&database), NoTls).expect("it answers");
        client.simple_query("select pg_backend_pid()").map(|rows| format!("{rows:?}")).expect("it answers")
    });
    assert_eq!(backends.next(), backends.next());
}

#[test]
fn a_running_process_can_be_watched_and_stopped() {
    let mut running = pevensie_pg(&["no-such-command"]).spawn();
    running.wait_for_stderr("no-such-command");
    assert_eq!(running.wait().code, 2);

    let running = pevensie_pg(&["--version"]).spawn();
    assert!(running.id() > 0);
    running.signal("CONT");
    running.kill();
}
