//! A role's name is a name, whatever it is.

use super::close_to_everybody;
use crate::support::driver::{refused, seed};
use crate::support::{Database, UP, each_server, pevensie_pg, psql};

const NAMES: &[&str] = &[
    "My App",
    "CURRENT_USER",
    "current_user",
    "session_user",
    "PUBLIC",
    "select",
    "user",
    "a\"b",
    "a'b\\c",
    "ünï-日本",
    "x\";drop schema pevensie cascade;--",
    "line\n-- break",
    ":role",
    ":'object'",
    "$1 $$",
    "0123456789_123456789_123456789_123456789_123456789_123456789_12",
];

/// The statements that are refused to a role that cannot be written into an address.
fn refused_to(database: &Database<'_>, quoted: &str) -> Vec<&'static str> {
    let mut client = database.client();
    client.batch_execute(&format!("set session authorization {quoted}")).expect("it is there");
    refused(&mut client)
}

#[test]
fn every_name_means_the_role_that_has_it() {
    each_server(|server| {
        let database = server.database();
        database.run(UP).run().ok();
        close_to_everybody(&database);
        seed(&database);
        for name in NAMES {
            let quoted = format!("\"{}\"", name.replace('"', "\"\""));
            let clean_up = format!("drop owned by {quoted}");
            database.execute(&format!("create role {quoted}"));
            let others =
                "select count(*) from pg_class c, aclexplode(c.relacl) a where relnamespace = 'pevensie'::regnamespace
                          and a.grantee <> c.relowner";

            let printed = pevensie_pg(&["print", "auth", "cache", "--grants", name]).run().ok().stdout;
            psql(&database, &["-1", "-q"], &printed).ok();
            assert_eq!(refused_to(&database, &quoted), [""; 0], "{printed}");
            database.execute(&clean_up);
            assert_eq!(database.query_text(others), "0", "somebody else got it: {printed}");

            database.run(&[UP, &["--grant-to", name]].concat()).run().ok();
            assert_eq!(refused_to(&database, &quoted), [""; 0], "{name}");
            database.run(&["status", "--check", "--strict", "--app-role", name]).run().ok();
            database.execute(&clean_up);
            let status = database.run(&["status", "--check", "--app-role", name, "--json"]).run();
            assert_eq!(status.code, 5, "{}", status.snapshot());
            database.execute(&format!("drop role {quoted}"));
        }
    });
}
