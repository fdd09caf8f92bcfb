//! What cannot be granted is refused before anything is changed.

use super::{connect, installed, pinned};
use crate::preflight::{advice, refused, run};
use crate::support::driver;
use crate::support::{UP, each_server, servers};

#[test]
fn a_role_that_is_not_there() {
    each_server(|server| {
        let database = server.database();
        let app = database.role("app", "");
        database.execute(&format!("drop role {app}"));
        let up = [UP, &["--grant-to", &app]].concat();
        let output = refused(&database, &database.url(), &up);
        pinned("a_role_that_is_not_there", &output.snapshot());
        let printed = refused(&database, &database.url(), &["migrate", "auth", "cache", "--grant-to", &app]);
        assert_eq!(printed.stderr, output.stderr);
        let status = refused(&database, &database.url(), &["status", "--app-role", &app]);
        assert_eq!(status.stderr, output.stderr);
        for statement in advice(&output) {
            database.execute(&statement);
        }
        run(&database.url(), &up).ok();
        driver::seed(&database);
        assert_eq!(driver::refused(&mut connect(&database, &app)), [""; 0]);
    });
}

#[test]
fn a_role_that_may_not_grant() {
    each_server(|server| {
        let (database, _) = installed(server, &["auth", "cache"]);
        let (app, other) = (database.role("app", ""), database.role("other", ""));
        database.execute(&format!(
            "grant usage on schema pevensie to {other};
             grant select, insert, update, delete on all tables in schema pevensie to {other};
             alter table pevensie.cache owner to {other}"
        ));
        let up = [UP, &["--grant-to", &app]].concat();
        let output = refused(&database, &database.url_as(&other), &up);
        pinned("a_role_that_may_not_grant", &output.snapshot());
        for statement in advice(&output) {
            database.execute(&statement);
        }
        run(&database.url_as(&other), &up).ok();
        assert_eq!(driver::refused(&mut connect(&database, &app)), [""; 0]);

        // Who was given the right to grant it may, without owning anything.
        let deputy = database.role("deputy", "");
        database.execute(&format!(
            "drop owned by {app}; grant all on all tables in schema pevensie to {deputy} with grant option;
             grant all on schema pevensie to {deputy} with grant option;
             grant all on all functions in schema pevensie to {deputy} with grant option"
        ));
        run(&database.url_as(&deputy), &up).ok();
        assert_eq!(driver::refused(&mut connect(&database, &app)), [""; 0]);
    });
}

#[test]
fn a_schema_that_is_somebody_elses() {
    let database = servers()[0].database();
    let (owner, app) = (database.role("owner", ""), database.role("app", ""));
    database.execute(&format!("create schema pevensie; grant all on schema pevensie to {owner}"));
    let up = [UP, &["--grant-to", &app]].concat();
    let output = refused(&database, &database.url_as(&owner), &up);
    pinned("a_schema_that_is_somebody_elses", &output.snapshot());
    database.execute(&format!("grant usage on schema pevensie to {app}"));
    run(&database.url_as(&owner), &up).ok();
    driver::seed(&database);
    assert_eq!(driver::refused(&mut connect(&database, &app)), [""; 0]);
}
