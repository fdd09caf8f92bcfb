//! Modules one by one.

use crate::support::{
    Database, Migration, UP, catalog, contents, each_server, migrations, migrations_of, pevensie_pg, psql,
};

fn apply(database: &Database<'_>, arguments: &[&str]) {
    database.run(&[arguments, &["--apply"]].concat()).run().ok();
    database.run(&["status", "--check"]).run().ok();
}

fn versions(database: &Database<'_>) -> String {
    database.query_text("select module from pevensie.module_version order by module").replace('\n', " ")
}

/// What is recorded, but for when and, which depends on what was there before, in which order.
fn records(database: &Database<'_>) -> [String; 2] {
    [
        "select module, version, checksum from pevensie.module_version order by module",
        "select module, version, action, checksum, role, tool from pevensie.migration_log order by module, version, id",
    ]
    .map(|sql| database.query_text(sql))
}

fn tables(database: &Database<'_>) -> Vec<String> {
    catalog(database).into_iter().filter(|(kind, ..)| kind == "table").map(|(_, identity, _)| identity).collect()
}

const LEDGER: [&str; 2] = ["migration_log", "module_version"];
const AUTH: [&str; 3] = ["\"user\"", "one_time_token", "session"];

/// A sorted list of tables.
fn sorted(parts: &[&[&str]]) -> Vec<String> {
    let mut tables: Vec<String> = parts.concat().into_iter().map(str::to_owned).collect();
    tables.sort();
    tables
}

#[test]
fn base_comes_along_and_nothing_else() {
    each_server(|server| {
        for (module, installed, expected) in [
            ("base", "base", sorted(&[&LEDGER])),
            ("auth", "base auth", sorted(&[&LEDGER, &AUTH])),
            ("cache", "base cache", sorted(&[&LEDGER, &["cache"]])),
        ] {
            let database = server.database();
            apply(&database, &["migrate", module]);
            assert_eq!((versions(&database).as_str(), tables(&database)), (installed, expected));
        }
    });
}

#[test]
fn a_module_comes_later_and_goes_alone() {
    each_server(|server| {
        let (database, at_once) = (server.database(), server.database());
        apply(&database, &["migrate", "auth"]);
        let before = catalog(&database);
        apply(&database, &["migrate", "cache"]);
        apply(&at_once, &["migrate", "auth", "cache"]);
        assert_eq!((catalog(&database), records(&database)), (catalog(&at_once), records(&at_once)));

        apply(&database, &["rollback", "cache@0", "--yes"]);
        assert_eq!((catalog(&database), versions(&database).as_str()), (before, "base auth"));
        let record = |action: &str| {
            let action = action.to_owned();
            move |m: &Migration| format!("{}|{}|{action}", m.module, m.version)
        };
        let expected: Vec<String> = migrations()
            .iter()
            .filter(|m| m.module != "cache")
            .chain(migrations_of("cache"))
            .map(record("up"))
            .chain(migrations_of("cache").rev().map(record("down")))
            .collect();
        let log = "select module, to_char(version at time zone 'UTC', 'YYYYMMDDHH24MISS'), action
                   from pevensie.migration_log order by id";
        assert_eq!(database.query_text(log), expected.join("\n"));

        apply(&database, &["rollback", "auth@0", "--yes"]);
        assert_eq!((tables(&database), versions(&database).as_str()), (sorted(&[&LEDGER]), "base"));
        apply(&database, &["migrate", "auth", "cache"]);
        assert_eq!(catalog(&database), catalog(&at_once));
    });
}

#[test]
fn base_stays_while_others_need_it() {
    each_server(|server| {
        let database = server.database();
        apply(&database, &["migrate", "auth", "cache"]);
        let before = contents(&database);
        let refused = database.run(&["rollback", "base@0", "--apply", "--yes"]).run();
        assert_eq!(refused.code, 2, "{}", refused.snapshot());
        assert!(refused.stderr.contains("error: base is needed by auth and cache\n"), "{}", refused.stderr);
        assert!(refused.stderr.contains("pevensie-pg rollback base@0 auth@0 cache@0"), "{}", refused.stderr);
        assert_eq!(contents(&database), before);
    });
}

#[test]
fn the_sql_itself_refuses_to_take_base_away() {
    each_server(|server| {
        let database = server.database();
        apply(&database, &["migrate", "auth", "cache"]);
        let before = contents(&database);
        // The second takes auth away before base refuses, and psql -1 brings it back.
        for (arguments, needing) in
            [(["print", "base", "--down"], "auth, cache"), (["print", "auth", "--down"], "cache")]
        {
            let down = pevensie_pg(&arguments).run().ok();
            let refused = psql(&database, &["-q", "-1"], &down.stdout);
            let reason = format!("module base is needed by the modules that are still installed: {needing}\n");
            assert!(refused.code == 3 && refused.stderr.contains(&reason), "{}", refused.snapshot());
            assert_eq!(contents(&database), before);
        }
        let down = pevensie_pg(&["print", "auth", "cache", "--down"]).run().ok();
        psql(&database, &["-q", "-1"], &down.stdout).ok();
        assert_eq!(contents(&database), "");
        database.run(UP).run().ok();
        assert_eq!(contents(&database), before);
    });
}
