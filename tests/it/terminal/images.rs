//! The main screens as images, which the documents show. `UPDATE_IMAGES=1 scripts/test --quick images` draws them anew.

use postgres::Client;

use super::picture::assert_image;
use crate::support::{Database, FIRST, Screen, Terminal, UP, commit, servers};

/// What a terminal shows in the end.
fn shown(database: &Database<'_>, typed: &str, expected: i32) -> Screen {
    let (code, screen) = on(database, typed).end_on_screen();
    assert_eq!(code, expected, "{}", screen.text());
    screen
}

fn on(database: &Database<'_>, typed: &str) -> Terminal {
    Terminal::run_in(80, typed, &[("DATABASE_URL", &database.url())])
}

/// Makes it so long ago that something was done to these modules.
fn was_done(database: &Database<'_>, ago: &str, modules: &str) {
    database.execute(&format!(
        "update pevensie.migration_log set started_at = now() - interval '{ago}', finished_at = now() - interval '{ago}'
         where module::text = any ('{{{modules}}}')"
    ));
}

/// An application that leaves its transaction open.
fn in_the_way(database: &Database<'_>, application: &str, statement: &str) -> Client {
    let mut client = database.client();
    for statement in [&format!("set application_name to '{application}'"), "begin", statement] {
        client.batch_execute(statement).expect("nobody else is in the way");
    }
    client
}

#[test]
fn a_status_with_something_pending() {
    let database = servers()[0].database();
    database.run(UP).run().ok();
    database.run(&["rollback", "auth", "--to", FIRST, "--apply", "--yes"]).run().ok();
    was_done(&database, "95 days", "base,auth");
    was_done(&database, "3 days 1 hour", "cache");
    assert_image("status", "status", &shown(&database, "status", 0));
}

#[test]
fn a_schema_that_somebody_has_changed() {
    let database = servers()[0].database();
    database.run(UP).run().ok();
    was_done(&database, "3 days 1 hour", "base,auth,cache");
    database.execute(
        "alter table pevensie.cache alter value drop not null;
         create index cache_value_idx on pevensie.cache (value)",
    );
    assert_image("drift", "status --check", &shown(&database, "status --check", 5));
}

#[test]
fn an_index_that_is_built_online() {
    let database = servers()[0].database();
    database.run(&["migrate", &format!("auth@{FIRST}"), "--apply"]).run().ok();
    let mut writer = in_the_way(&database, "shop web", "update pevensie.session set expires_at = now()");
    let mut terminal = on(&database, "migrate auth --apply");
    terminal.wait_for("  query: ");
    terminal.wait_until_shown("waiting for writers before build, 0 of 1");
    assert_image("online", "migrate auth --apply", &terminal.look());
    commit(&mut writer);
    let (code, screen) = terminal.end_on_screen();
    assert!(code == 0 && !screen.text().contains("waiting for writers"), "{}", screen.text());
}

#[test]
fn a_question_before_data_is_lost() {
    let database = servers()[0].database();
    database.run(UP).run().ok();
    database.execute(
        "insert into pevensie.cache (resource_type, key, value) select 'test', n::text, '' from generate_series(1, 1234) n",
    );
    let typed = "rollback cache@0 --apply";
    let mut terminal = on(&database, typed);
    terminal.wait_for_question("[y/N]");
    assert_image("rollback", typed, &terminal.look());
    terminal.press("n");
    assert_eq!(terminal.end().0, 130);
}

#[test]
fn an_error_with_its_place_and_what_helps() {
    let database = servers()[0].database();
    database.run(&["migrate", &format!("cache@{FIRST}"), "--apply"]).run().ok();
    let _report = in_the_way(&database, "report", "select count(*) from pevensie.cache");
    let typed = "migrate cache --apply --lock-wait=5s --lock-timeout=4s";
    assert_image("error", typed, &shown(&database, typed, 1));
}

#[test]
fn a_rehearsal() {
    let database = servers()[0].database();
    assert_image("rehearse", "rehearse cache", &shown(&database, "rehearse cache", 0));
}
