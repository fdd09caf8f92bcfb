//! Granted while migrating: on a fresh install, on an upgrade, and where nothing is pending.

use super::{NEWEST, OLDEST, close_to_everybody, connect, installed, pinned};
use crate::preflight::run;
use crate::support::driver::{refused, seed};
use crate::support::{UP, UP_FIRST, contents, each_server, psql, servers};

#[test]
fn a_fresh_install_grants_in_the_same_transaction() {
    each_server(|server| {
        let database = server.database();
        let app = database.role("app", "");
        let up = [UP, &["--grant-to", &app]].concat();
        // What is printed is what runs.
        let printed = database.run(&["migrate", "auth", "cache", "--grant-to", &app]).run().ok().stdout;

        // Whatever fails at the end, nothing is left.
        database.execute(
            "create function public.no() returns event_trigger language plpgsql as $$ begin raise 'no'; end $$;
             create event trigger no on ddl_command_end when tag in ('GRANT') execute function public.no()",
        );
        let failed = database.run(&up).run();
        assert_eq!((failed.code, failed.stdout.as_str()), (1, ""), "{}", failed.snapshot());
        assert!(failed.stderr.contains("sql/grants/grant.sql"), "{}", failed.stderr);
        assert_eq!(contents(&database), "");
        database.execute("drop event trigger no");

        pinned("a_fresh_install_grants", &database.run(&up).run().ok().snapshot());
        close_to_everybody(&database);
        seed(&database);
        assert_eq!(refused(&mut connect(&database, &app)), [""; 0]);
        let again = database.run(&up).run().ok();
        assert_eq!(again.stdout, "");
        let words =
            format!("nothing to do: base, auth and cache are up to date, and role \"{app}\" has what it needs\n");
        assert_eq!(again.stderr, words);
        database.run(&["status", "--check", "--strict", "--app-role", &app]).run().ok();

        let other = server.database();
        psql(&other, &["-1", "-q"], &printed).ok();
        seed(&other);
        assert_eq!(refused(&mut connect(&other, &app)), [""; 0]);
        other.execute(&format!("drop owned by {app}"));
    });
}

#[test]
fn an_upgrade_grants_with_its_last_step() {
    each_server(|server| {
        let (database, owner) = installed(server, OLDEST);
        let app = database.role("app", "");
        let url = database.url_as(&owner);
        let second = &["base@20261121041000", "auth@20261121041200", "cache@20261121041400"];
        let grant_to = [&["migrate"], &second[..], &["--grant-to", &app]].concat();
        let up = [&grant_to[..], &["--apply"]].concat();
        let printed = run(&url, &grant_to).ok();
        pinned("an_upgrade_prints_the_grants", &printed.stderr);

        database.execute(
            "create function public.no() returns event_trigger language plpgsql as $$ begin raise 'no'; end $$;
             create event trigger no on ddl_command_end when tag in ('GRANT') execute function public.no()",
        );
        let failed = run(&url, &up);
        assert_eq!(failed.code, 1, "{}", failed.snapshot());
        database.execute("drop event trigger no");
        // All but the last step is done, and that one is not recorded.
        let status = run(&url, &["status"]).ok();
        let pending = status.stdout.lines().filter(|line| line.starts_with("pending") && line.contains("  202611"));
        assert_eq!(pending.count(), 1, "{}", status.snapshot());
        assert!(status.stdout.contains("cache_expires_at_idx  built, not recorded"), "{}", status.snapshot());

        pinned("an_upgrade_grants", &run(&url, &up).ok().snapshot());
        assert_eq!(refused(&mut connect(&database, &app)), [""; 0]);
    });
}

#[test]
fn what_an_upgrade_prints_can_be_piped() {
    let database = servers()[0].database();
    let app = database.role("app", "");
    database.run(UP_FIRST).run().ok();
    let printed = database.run(&["migrate", "auth", "cache", "--grant-to", &app]).run().ok().stdout;
    psql(&database, &["-q"], &printed).ok();
    close_to_everybody(&database);
    database.run(&["status", "--check", "--strict"]).run().ok();
    seed(&database);
    // What everybody had was not granted again, so it is gone with everybody.
    database.run(&["migrate", "auth", "cache", "--grant-to", &app, "--apply"]).run().ok();
    assert_eq!(refused(&mut connect(&database, &app)), [""; 0]);
}

#[test]
fn what_is_up_to_date_is_only_granted() {
    each_server(|server| {
        let (database, owner) = installed(server, NEWEST);
        let app = database.role("app", "");
        // Its owner may grant it, and may not write to its log.
        database.execute(&format!("revoke insert, update, delete on pevensie.migration_log from {owner}"));
        let url = database.url_as(&owner);
        let grant_to = [&["migrate"], NEWEST, &["--grant-to", &app]].concat();
        let printed = run(&url, &grant_to).ok();
        let up = [&grant_to[..], &["--apply"]].concat();
        let log = "select count(*) from pevensie.migration_log";
        let before = database.query_text(log);
        let applied = run(&url, &up).ok();
        pinned("what_is_up_to_date_is_only_granted", &format!("{}\n{}", printed.snapshot(), applied.snapshot()));
        assert_eq!(database.query_text(log), before, "a grant is no migration");
        assert_eq!(refused(&mut connect(&database, &app)), [""; 0]);

        // One thing that is lacking is one statement.
        database.execute(&format!("revoke update on pevensie.cache from {app}"));
        let printed = run(&url, &grant_to).ok();
        let statement = format!("grant select, insert, update, delete on table pevensie.cache to \"{app}\";\n");
        assert_eq!(printed.stdout, statement);
        pinned("a_grant_as_json", &run(&url, &[&up[..], &["--json"]].concat()).ok().stdout);
        assert_eq!(run(&url, &grant_to).ok().stdout, "");
    });
}
