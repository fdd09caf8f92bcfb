//! The test bench: servers, databases, the binary and its neighbours.

mod bouncer;
mod catalog;
mod command;
mod database;
pub(crate) mod driver;
mod folder;
mod messages;
mod migrated;
mod output;
mod port;
mod private;
mod running;
mod screen;
mod server;
mod stop;
mod terminal;
mod versions;

pub(crate) use bouncer::Bouncer;
pub(crate) use catalog::catalog;
pub(crate) use command::{
    Run, ask_psql, example, in_root, in_shell, is_root, output_of, pevensie_pg, pevensie_pg_as_nobody, psql, psql_at,
    shell,
};
pub(crate) use database::Database;
pub(crate) use folder::{Folder, files_below};
pub(crate) use messages::assert_chapter;
pub(crate) use migrated::{
    AT_ONCE, DOWN, UP, at_once, commit, contents, eventually, first_generation, lock_key, run_on, within,
};
pub(crate) use output::{Output, Snapshot, assert_snapshot, snapshot_filters};
pub(crate) use private::Private;
pub(crate) use running::Running;
pub(crate) use screen::{Screen, constant};
pub(crate) use server::{Server, each_server, servers};
pub(crate) use stop::Stop;
pub(crate) use terminal::Terminal;
pub(crate) use versions::{FIRST, MODULES, Migration, UP_FIRST, migrations, migrations_of, newest, newest_of_all};

use std::sync::atomic::{AtomicU32, Ordering};

/// A name that no other test has. Snapshots show it as `[prefix]`.
fn unique(prefix: &str) -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(1);
    format!("{prefix}_p{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// What a test cannot go on without: set by `scripts/test` and by `eval "$(scripts/servers start)"`.
pub(crate) fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run the tests by scripts/test, or run this first: eval \"$(scripts/servers start)\"")
    })
}
