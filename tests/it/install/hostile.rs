//! Settings and look-alikes that a role brings along change nothing.

use crate::support::{DOWN, Database, UP, contents, each_server, eventually, pevensie_pg, psql, run_on};

/// A role that may install, with settings under which careless statements fail or do something else.
fn role_with(database: &Database<'_>, settings: &[&str]) -> String {
    let role = database.role("app", "nosuperuser");
    database.execute(&format!("grant create on database {} to {role}", database.name()));
    for setting in settings {
        database.execute(&format!("alter role {role} in database {} set {setting}", database.name()));
    }
    role
}

/// Names in front of `pg_catalog` that our statements could mean by mistake; whatever they are used for, it fails.
const NAMES: &str = "
    create schema evil; grant usage on schema evil to public;
    create domain evil.text as pg_catalog.int4;
    create domain evil.uuid as pg_catalog.int4;
    create domain evil.timestamptz as pg_catalog.int4;
    create domain evil.jsonb as pg_catalog.int4;
    create domain evil.inet as pg_catalog.int4;
    create domain evil.int8 as pg_catalog.text;
    create function evil.fail() returns pg_catalog.bool language plpgsql as $$
      begin raise exception 'taken in'; end $$;
    create function evil.now() returns pg_catalog.timestamptz language sql as $$
      select pg_catalog.now() where evil.fail() $$;
    create function evil.clock_timestamp() returns pg_catalog.timestamptz language sql as $$
      select pg_catalog.now() where evil.fail() $$;
    create function evil.current_setting(pg_catalog.text) returns pg_catalog.text language sql as $$
      select $1 where evil.fail() $$";
/// Operators that do.
const OPERATORS: &str = "
    create function evil.equal(pg_catalog.text, pg_catalog.text) returns pg_catalog.bool language sql as $$
      select evil.fail() $$;
    create function evil.equal(pg_catalog.name, pg_catalog.name) returns pg_catalog.bool language sql as $$
      select evil.fail() $$;
    create function evil.equal(pg_catalog.oid, pg_catalog.oid) returns pg_catalog.bool language sql as $$
      select evil.fail() $$;
    create function evil.equal(pg_catalog.int4, pg_catalog.int4) returns pg_catalog.bool language sql as $$
      select evil.fail() $$;
    create operator evil.= (function = evil.equal, leftarg = pg_catalog.text, rightarg = pg_catalog.text);
    create operator evil.= (function = evil.equal, leftarg = pg_catalog.name, rightarg = pg_catalog.name);
    create operator evil.= (function = evil.equal, leftarg = pg_catalog.oid, rightarg = pg_catalog.oid);
    create operator evil.= (function = evil.equal, leftarg = pg_catalog.int4, rightarg = pg_catalog.int4);
    create operator evil.> (function = evil.equal, leftarg = pg_catalog.int4, rightarg = pg_catalog.int4)";
const SEARCH_PATH: &str = "search_path to evil, pg_catalog, public";

/// What a role without any settings gets.
fn expected(database: &Database<'_>) -> String {
    let role = role_with(database, &[]);
    run_on(&database.url_as(&role), UP).run().ok();
    anonymous(&contents(database), &role)
}

fn anonymous(contents: &str, role: &str) -> String {
    contents.replace(role, "the role")
}

#[test]
fn settings_of_the_role_change_nothing() {
    each_server(|server| {
        let expected = expected(&server.database());
        let database = server.database();
        let mut settings = vec![
            "\"DateStyle\" to 'German'",
            "\"TimeZone\" to 'Asia/Kathmandu'",
            "\"IntervalStyle\" to 'sql_standard'",
            "bytea_output to 'escape'",
            "standard_conforming_strings to off",
            "quote_all_identifiers to on",
            "default_transaction_read_only to on",
            "default_transaction_isolation to 'serializable'",
            "statement_timeout to '100ms'",
            "lock_timeout to '100ms'",
            "idle_in_transaction_session_timeout to '300ms'",
            SEARCH_PATH,
        ];
        if server.version >= 17 {
            settings.push("transaction_timeout to '300ms'");
        }
        database.execute(NAMES);
        database.execute(OPERATORS);
        let role = role_with(&database, &settings);
        let url = database.url_as(&role);
        // Each statement takes longer than statement_timeout, and all of them longer than transaction_timeout.
        database.slow_down(0.12);
        for _ in 0..2 {
            run_on(&url, &["status"]).run().ok();
            run_on(&url, UP).run().ok();
            assert_eq!(anonymous(&contents(&database), &role), expected);
            run_on(&url, &["status", "--check"]).run().ok();
            assert_eq!(run_on(&url, &["migrate", "auth", "cache"]).run().ok().stdout, "");
            run_on(&url, DOWN).run().ok();
            assert_eq!(contents(&database), "");
        }
        // The flags do what the settings must not.
        let cut = run_on(&url, &[UP, &["--statement-timeout=50ms"]].concat()).run();
        assert_eq!(cut.code, 1, "{}", cut.snapshot());
        assert!(cut.stderr.contains("(57014)") && cut.stderr.contains("--statement-timeout"), "{}", cut.stderr);
        assert_eq!(contents(&database), "");
    });
}

#[test]
fn a_pause_between_two_messages_does_not_end_the_transaction() {
    each_server(|server| {
        let database = server.database();
        let role = role_with(&database, &["idle_in_transaction_session_timeout to '100ms'"]);
        database.slow_down(0.05);
        let running = run_on(&database.url_as(&role), UP).spawn();
        database.held_up();
        running.signal("STOP");
        eventually("the session idles for longer than the role allows", || {
            let idle = "select from pg_stat_activity where datname = current_database()
                        and state = 'idle in transaction' and clock_timestamp() - state_change > interval '300ms'";
            database.rows(idle) == 1
        });
        running.signal("CONT");
        running.wait().ok();
        database.run(&["status", "--check"]).run().ok();
    });
}

#[test]
fn look_alikes_take_nobody_in_who_waits() {
    each_server(|server| {
        let database = server.database();
        database.execute(NAMES);
        database.execute(OPERATORS);
        let role = role_with(&database, &[SEARCH_PATH]);
        let mut holder = database.hold_lock();
        let mut running = run_on(&database.url_as(&role), UP).spawn();
        running.wait_for_stderr("held by: the other one");
        holder.batch_execute("commit").expect("nothing is in the way");
        running.wait().ok();
        run_on(&database.url_as(&role), &["status", "--check"]).run().ok();
    });
}

#[test]
fn look_alikes_take_nobody_in_who_pipes_into_psql() {
    each_server(|server| {
        let expected = expected(&server.database());
        // A script in the format psql sets its own search_path, and so not even operators can take it in.
        for (format, further) in [("--format=sql", ""), ("--format=psql", OPERATORS)] {
            let database = server.database();
            database.execute(NAMES);
            database.execute(further);
            let role = role_with(&database, &[SEARCH_PATH]);
            let printed = pevensie_pg(&["print", "auth", "cache", format]).run().ok();
            let to_role = format!("set session authorization {role}; set {SEARCH_PATH};\n");
            psql(&database, &["-q"], &(to_role + &printed.stdout)).ok();
            assert_eq!(anonymous(&contents(&database), &role), expected, "{format}");
        }
    });
}
