//! Installing, adopting, and having nothing to do.

use std::time::Instant;

use pevensie_pg::{Event, Migrator, Module, Verdict};

use super::{apply, migrator, pool, runtime, wait_for};
use crate::adoption::{objects, upsert};
use crate::support::{FIRST, UP, contents, each_server, migrations};

#[test]
fn a_fresh_database_gets_what_the_tool_installs() {
    each_server(|server| {
        let (database, by_tool) = (server.database(), server.database());
        by_tool.run(UP).run().ok();
        let (runtime, mut events, began) = (runtime(), Vec::new(), Instant::now());
        let applied = wait_for(&runtime, async {
            let pool = pool(&database, 4);
            let before = pevensie_pg::status(&pool, [Module::Auth]).await.expect("it can be looked at");
            assert_eq!((before.verdict(), before.version(Module::Auth)), (Verdict::Pending, None));
            let applied = migrator().apply_telling(&pool, |event| events.push(event)).await.expect("nothing is there");
            let after = pevensie_pg::status(&pool, []).await.expect("it can be looked at");
            assert!(after.is_good() && after.pending().is_empty() && after.drift().is_empty(), "{after}");
            assert!(after.to_string().starts_with("MODULE"), "{after}");
            assert!(migrator().apply(&pool).await.expect("it is up to date").is_empty());
            applied
        });
        assert_eq!(contents(&database), contents(&by_tool));
        let found: Vec<_> = applied.migrations().iter().map(|m| (m.module().name(), m.version().to_string())).collect();
        let known: Vec<_> = migrations().iter().map(|m| (m.module.as_str(), m.version.clone())).collect();
        assert_eq!(found, known);
        assert!(applied.adopted().is_empty() && !applied.is_empty());
        assert!(!applied.elapsed().is_zero() && applied.elapsed() <= began.elapsed(), "{:?}", applied.elapsed());
        assert!(applied.to_string().starts_with(&format!("applied base {FIRST} uuid7\n")), "{applied}");
        let done = events.iter().filter(|event| matches!(event, Event::Done(_))).count();
        assert_eq!(done, migrations().len(), "{events:?}");
    });
}

#[test]
fn a_service_may_stop_at_the_version_it_knows() {
    each_server(|server| {
        let database = server.database();
        let first = FIRST.parse().expect("it is a version");
        let old = Migrator::new([]).up_to(Module::Base, first).up_to(Module::Cache, first);
        let applied = apply(&database, &old).expect("nothing is there");
        assert_eq!(applied.migrations().len(), 2);
        assert!(apply(&database, &old).expect("it is there").is_empty());
        assert!(apply(&database, &Migrator::new([])).expect("nothing is asked for").is_empty());
        assert!(!apply(&database, &Migrator::new([Module::Cache])).expect("it is older").is_empty());
        // The service of before, started once more.
        let error = apply(&database, &old).expect_err("it is newer");
        assert!(error.to_string().contains("migrate never goes back"), "{error}");
    });
}

#[test]
fn what_others_have_installed_is_adopted() {
    each_server(|server| {
        let (recorded, found) = (server.database(), server.database());
        let ledger = include_str!("../../../sql/ledger/create.sql");
        recorded.execute(&format!("{ledger}\n{}\n{}", objects("base"), upsert("base")));
        let applied = apply(&recorded, &migrator()).expect("it is what it says");
        assert_eq!(applied.adopted().len(), 1, "{applied}");

        found.execute(&format!("create schema pevensie;\n{}", objects("base")));
        let error = apply(&found, &migrator()).expect_err("there is no record");
        assert!(error.hint().is_some_and(|hint| hint.contains("add Migrator::adopt")), "{error:?}");
        let applied = apply(&found, &migrator().adopt()).expect("it is a known version");
        assert!(applied.to_string().starts_with(&format!("adopted base {FIRST} uuid7\n")), "{applied}");
        found.run(&["status", "--check"]).run().ok();
    });
}
