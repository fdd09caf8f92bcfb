//! psql, on its own format and on bare statements: one text for each step, and no folder.

use super::{NEWEST, OLDEST, is_newest, schema};
use crate::support::{Database, FIRST, UP, contents, each_server, pevensie_pg, psql};

fn print(format: &str, arguments: &[&str]) -> String {
    pevensie_pg(&[&["print", "--format", format], arguments].concat()).run().ok().stdout
}

fn applies_and_rolls_back(database: &Database<'_>, ours: &Database<'_>, format: &str) {
    let feed = |arguments: &[&str]| {
        let output = psql(database, &["-v", "ON_ERROR_STOP=1"], &print(format, arguments)).ok();
        assert_eq!(output.stderr, "");
    };
    for _ in 0..2 {
        feed(NEWEST);
        is_newest(database, ours);
        feed(&[NEWEST, &["--down"]].concat());
        assert_eq!(contents(database), "");
    }
    feed(OLDEST);
    feed(&[NEWEST, &["--from", FIRST]].concat());
    is_newest(database, ours);
    feed(&[NEWEST, &["--down", "--from", FIRST]].concat());
    assert_ne!(schema(database), schema(ours));
    feed(&[NEWEST, &["--from", FIRST]].concat());
    is_newest(database, ours);
}

#[test]
fn psql_applies_and_rolls_back_what_is_printed() {
    each_server(|server| {
        let ours = server.database();
        ours.run(UP).run().ok();
        for format in ["psql", "sql"] {
            applies_and_rolls_back(&server.database(), &ours, format);
        }
    });
}

#[test]
fn an_index_is_recognised_whatever_is_set() {
    each_server(|server| {
        let database = server.database();
        database.execute(&format!("alter database {} set quote_all_identifiers to on", database.name()));
        psql(&database, &[], &print("psql", OLDEST)).ok();
        psql(&database, &[], &print("psql", &[NEWEST, &["--from", FIRST]].concat())).ok();
        database.run(&["status", "--check"]).run().ok();
    });
}

#[test]
fn an_index_that_was_cut_off_is_built_anew() {
    each_server(|server| {
        let (database, ours) = (server.database(), server.database());
        ours.run(UP).run().ok();
        psql(&database, &[], &print("psql", OLDEST)).ok();
        database.execute("create index session_user_id_idx on pevensie.session using btree (user_id)");
        database.execute(
            "update pg_index set indisvalid = false where indexrelid = 'pevensie.session_user_id_idx'::regclass",
        );
        psql(&database, &[], &print("psql", &[NEWEST, &["--from", FIRST]].concat())).ok();
        is_newest(&database, &ours);
    });
}
