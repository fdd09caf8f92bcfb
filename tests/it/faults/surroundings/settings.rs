//! Roles with odd defaults.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use super::super::report::{Case, scale};
use super::{Journey, expected, role_with};
use crate::support::{DOWN, Database, Server, UP, UP_FIRST, each_server, run_on, servers};

/// The oldest server that has the setting, and the setting.
type Setting = (u32, &'static str);

/// What text looks like, how it is read, and what is said.
const TEXT: &[Setting] = &[
    (15, "\"DateStyle\" to 'Postgres, DMY'"),
    (15, "\"TimeZone\" to 'Asia/Kathmandu'"),
    (15, "\"IntervalStyle\" to 'postgres_verbose'"),
    (15, "standard_conforming_strings to off"),
    (15, "escape_string_warning to on"),
    (15, "backslash_quote to off"),
    (15, "client_encoding to 'LATIN1'"),
    (15, "client_encoding to 'SQL_ASCII'"),
    (15, "bytea_output to 'escape'"),
    (15, "extra_float_digits to -15"),
    (15, "quote_all_identifiers to on"),
    (15, "array_nulls to off"),
    (15, "xmlbinary to 'hex'"),
    (15, "lc_messages to 'C'"),
    (15, "lc_monetary to 'C.UTF-8'"),
    (15, "client_min_messages to 'debug5'"),
    (15, "client_min_messages to 'error'"),
    (15, "log_statement to 'all'"),
    (15, "log_min_messages to 'debug1'"),
    (15, "debug_print_plan to on"),
];
/// What statements mean and what they make.
const MEANING: &[Setting] = &[
    (15, "transform_null_equals to on"),
    (15, "default_transaction_isolation to 'serializable'"),
    (15, "default_transaction_isolation to 'repeatable read'"),
    (15, "default_transaction_deferrable to on"),
    (15, "default_transaction_read_only to on"),
    (15, "row_security to off"),
    (15, "check_function_bodies to off"),
    (15, "default_tablespace to 'there_is_none'"),
    (15, "session_replication_role to 'replica'"),
    (15, "default_toast_compression to 'pglz'"),
    (15, "search_path to ''"),
    (17, "restrict_nonsystem_relation_kind to 'view'"),
    (15, "track_activities to off"),
];
/// How statements are carried out.
const EXECUTION: &[Setting] = &[
    (15, "plan_cache_mode to 'force_generic_plan'"),
    (15, "enable_seqscan to off"),
    (15, "enable_indexscan to off"),
    (15, "enable_bitmapscan to off"),
    (15, "enable_hashjoin to off"),
    (15, "enable_nestloop to off"),
    (15, "enable_hashagg to off"),
    (15, "enable_sort to off"),
    (15, "from_collapse_limit to 1"),
    (15, "work_mem to '64kB'"),
    (15, "maintenance_work_mem to '1MB'"),
    (15, "temp_buffers to 100"),
    (15, "synchronous_commit to off"),
    (16, "debug_parallel_query to on"),
    (15, "min_parallel_table_scan_size to 0"),
    (15, "stats_fetch_consistency to 'snapshot'"),
];
/// Compiles every expression, which takes ten times as long as everything else: for the long form.
const COMPILED: &[Setting] = &[(15, "jit_above_cost to 0")];
/// How long anything may take. Nothing helps who gets no processor for as long as a session may be idle, and who only looks
/// is told so.
const TIMEOUTS: &[Setting] = &[
    (15, "statement_timeout to '1s'"),
    (15, "lock_timeout to '1s'"),
    (15, "idle_in_transaction_session_timeout to '1s'"),
    (15, "idle_session_timeout to '10s'"),
    (17, "transaction_timeout to '1s'"),
];

fn known(server: &Server, settings: &[&[Setting]]) -> Vec<String> {
    let known = settings.concat().into_iter().filter(|(since, _)| server.version >= *since);
    known.map(|(_, setting)| setting.to_owned()).collect()
}

/// Goes the whole way as a role with these settings, and compares.
fn same_with(journey: &Journey, server: &Server, settings: &[String], expected: &[String]) {
    let database = server.database();
    let role = role_with(&database, settings);
    let seen = journey.go(&database, &database.url_as(&role), &role);
    assert_eq!(seen, expected, "{settings:?}");
}

#[test]
fn all_at_once_they_change_nothing() {
    let journey = Journey::new("odd settings, all at once");
    each_server(|server| {
        let expected = expected(&server.database());
        for settings in [&[TEXT, MEANING, EXECUTION, TIMEOUTS][..], &[TIMEOUTS, MEANING]] {
            same_with(&journey, server, &known(server, settings), &expected);
        }
    });
}

#[test]
fn each_alone_changes_nothing() {
    let journey = Journey::new("odd settings, each alone");
    let first = OnceLock::new();
    each_server(|server| {
        let expected = first.get_or_init(|| expected(&server.database()));
        let settings = known(server, &[TEXT, MEANING, EXECUTION, TIMEOUTS, scale(&[], COMPILED)]);
        // The short form tries every eighteenth, of which each server takes others.
        let start = scale(server.version as usize % 18, 0);
        for setting in settings.into_iter().skip(start).step_by(scale(18, 1)) {
            same_with(&journey, server, &[setting], expected);
        }
    });
}

#[test]
fn a_look_takes_as_long_as_it_has_to() {
    let case = Case::new("time-outs of 1 s, and a look that takes longer");
    each_server(|server| {
        let database = server.database();
        let role = role_with(&database, &known(server, &[TIMEOUTS]));
        run_on(&database.url_as(&role), UP).run().ok();
        let mut other = database.client();
        other.batch_execute("begin; lock table pevensie.module_version").expect("nobody else uses it");
        case.run(|| {
            let running = run_on(&database.url_as(&role), &["status", "--check"]).spawn();
            // That nothing happens in this time is what is to be seen.
            thread::sleep(Duration::from_secs(2));
            other.batch_execute("commit").expect("nothing is in the way");
            running.wait().ok();
        });
    });
}

/// A tablespace that lives longer than the database that uses it.
struct Tablespace<'s>(&'s Server, String);

impl<'s> Tablespace<'s> {
    fn create(server: &'s Server) -> Self {
        let name = format!("elsewhere_{}", std::process::id());
        let mut client = server.client();
        client.batch_execute("set allow_in_place_tablespaces to on").expect("a superuser may");
        client.batch_execute(&format!("create tablespace {name} location ''")).expect("it is a new one");
        Self(server, name)
    }
}

impl Drop for Tablespace<'_> {
    fn drop(&mut self) {
        let _ = self.0.client().batch_execute(&format!("drop tablespace {}", self.1));
    }
}

#[test]
fn tables_may_go_elsewhere_and_be_kept_otherwise() {
    let journey = Journey::new("another tablespace and access method");
    each_server(|server| {
        let expected = expected(&server.database());
        let tablespace = Tablespace::create(server);
        let database = server.database();
        database.execute(&format!(
            "grant create on tablespace {} to public;
             create access method other_heap type table handler heap_tableam_handler",
            tablespace.1
        ));
        for setting in [format!("default_tablespace to {}", tablespace.1), access_method()] {
            let role = role_with(&database, &[setting]);
            assert_eq!(journey.go(&database, &database.url_as(&role), &role), expected);
        }
    });
}

fn access_method() -> String {
    "default_table_access_method to other_heap".to_owned()
}

#[test]
fn who_is_somebody_else_by_default_installs_as_that_one() {
    let journey = Journey::new("alter role … set role");
    each_server(|server| {
        let expected = expected(&server.database());
        let database = server.database();
        let owner = role_with(&database, &[]);
        let role = role_with(&database, &[format!("role to {owner}")]);
        database
            .execute(&format!("grant {owner} to {role}; revoke create on database {} from {role}", database.name()));
        assert_eq!(journey.go(&database, &database.url_as(&role), &owner), expected);
        run_on(&database.url_as(&role), UP).run().ok();
        assert_eq!(
            database.query_text(
                "select distinct relowner::regrole from pg_class where relnamespace = 'pevensie'::regnamespace"
            ),
            owner
        );
    });
}

/// A role whose read-only transactions wait until no serializable one can disturb them.
fn patient(database: &Database<'_>) -> String {
    let settings = ["default_transaction_isolation to 'serializable'", "default_transaction_deferrable to on"];
    role_with(database, &settings.map(str::to_owned))
}

#[test]
fn deferrable_transactions_wait_for_nobody() {
    let case = Case::new("serializable and deferrable, while others write");
    let database = servers()[0].database();
    database.execute("create table public.busy (a int)");
    let role = patient(&database);
    let url = database.url_as(&role);
    run_on(&url, UP_FIRST).run().ok();
    let mut writer = database.client();
    let busy = "begin isolation level serializable; select * from public.busy; insert into public.busy values (1)";
    writer.batch_execute(busy).expect("it is its own table");
    // Neither does who counts what would be lost, nor who asks for the holder of the lock.
    case.run(|| run_on(&url, DOWN).run().ok());
    case.run(|| {
        let mut holder = database.hold_lock();
        let mut running = run_on(&url, UP).spawn();
        running.wait_for_stderr("held by: the other one");
        holder.batch_execute("commit").expect("nothing is in the way");
        running.wait().ok()
    });
    case.run(|| run_on(&url, &["status", "--check"]).run().ok());
}
