//! Compose: the server, then the migration, then the service.

use std::process::Command;

use super::{at, example, list, migrates, text};
use crate::delivery::run;
use crate::support::servers;

#[test]
fn the_service_starts_after_the_migration_and_that_after_the_server() {
    let file = &example("compose.yaml")[0];
    assert_eq!(at(file, "/services/app/depends_on/migrate/condition"), "service_completed_successfully");
    assert_eq!(at(file, "/services/migrate/depends_on/postgres/condition"), "service_healthy");
    assert_eq!(at(file, "/services/migrate/restart"), "no");

    let server = &servers()[0];
    let database = server.database();
    let health = list(at(file, "/services/postgres/healthcheck/test"));
    assert_eq!(health[0], "CMD");
    let words: Vec<&str> = health[1..].iter().map(text).collect();
    run(Command::new(words[0]).args(&words[1..]).env("PGPORT", server.port.to_string()));

    assert_eq!(
        at(file, "/services/migrate/environment/DATABASE_URL"),
        at(file, "/services/app/environment/DATABASE_URL")
    );
    migrates(at(file, "/services/migrate/command"), &database);
}
