//! The static binary: it needs no file but itself.

use std::path::PathBuf;
use std::process::Command;

use super::{empty_root, made, place, run, static_name};
use crate::support::{Folder, UP, assert_snapshot, contents, in_root, servers, setting};

/// The loader and the libraries that a program asks for.
fn asked_for(program: &str) -> Vec<String> {
    let words = run(Command::new("readelf").args(["--wide", "--program-headers", "--dynamic", program]));
    assert!(words.contains("LOAD"), "{words}");
    words.lines().filter(|line| line.contains("INTERP") || line.contains("(NEEDED)")).map(str::to_owned).collect()
}

#[test]
fn it_is_linked_with_everything() {
    let binary = made(&static_name()).display().to_string();
    assert_eq!(asked_for(&binary), [""; 0]);
    // Not that nothing is ever found: this one is not static.
    assert!(asked_for(env!("CARGO_BIN_EXE_pevensie-pg")).len() >= 2);
}

#[test]
fn it_works_where_there_is_nothing_else() {
    let root = empty_root();
    let alone = |arguments: &[&str]| in_root(root.path(), "/pevensie-pg", arguments);
    assert_eq!(alone(&["--version"]).run().ok().stdout, format!("pevensie-pg {}\n", super::VERSION));
    assert_snapshot!("without_an_address", alone(&["status"]).run());

    let (database, other) = (servers()[0].database(), servers()[0].database());
    other.run(UP).run().ok();
    let there = |arguments: &[&str]| alone(arguments).env("DATABASE_URL", database.url());
    assert_eq!(there(&["status", "--check"]).run().code, 3);
    there(UP).run().ok();
    there(&["status", "--check"]).run().ok();
    assert_eq!(contents(&database), contents(&other));
    there(&["rehearse", "cache"]).run().ok();
    assert_snapshot!("no_server_to_rehearse_on", alone(&["rehearse"]).run());
}

/// A container's user is a number that nothing has a name for.
#[test]
fn a_user_without_a_name_has_to_name_the_role() {
    let root = empty_root();
    let database = servers()[0].database();
    let url = database.url().replace("postgres@", "");
    let nameless = |url: &str| in_root(root.path(), "/pevensie-pg", &["status"]).env("DATABASE_URL", url);
    assert_snapshot!("without_a_role", nameless(&url).run());
    let output = nameless(&url).env("PGUSER", "postgres").run().ok();
    assert!(output.stderr.contains("Pevensie is not installed"), "{}", output.snapshot());
}

fn certificate(name: &str) -> PathBuf {
    PathBuf::from(setting("PEVENSIE_PG_TEST_DIR")).join("tls").join(name)
}

#[test]
fn it_verifies_a_server_with_the_roots_it_is_given() {
    let root = empty_root();
    let database = servers()[0].database();
    database.run(UP).run().ok();
    // There is no /etc/hosts to find localhost in.
    let url = database.url().replace("127.0.0.1", "localhost") + "?hostaddr=127.0.0.1&sslmode=verify-full";
    let check = |root: &Folder, roots: &str| {
        let url = format!("{url}{roots}");
        in_root(root.path(), "/pevensie-pg", &["status", "--check"]).env("DATABASE_URL", url)
    };
    assert_snapshot!("without_roots", check(&root, "").run());
    assert_snapshot!("without_a_trust_store", check(&root, "&sslrootcert=system").run());

    place(root.path(), &certificate("root.crt"), "root.crt");
    check(&root, "&sslrootcert=/root.crt").run().ok();
    place(root.path(), &certificate("root.crt"), "etc/ssl/certs/ca-certificates.crt");
    check(&root, "&sslrootcert=system").run().ok();
    place(root.path(), &certificate("other.crt"), "etc/ssl/certs/ca-certificates.crt");
    assert_snapshot!("another_trust_store", check(&root, "&sslrootcert=system").run());
}
