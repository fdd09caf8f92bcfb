//! What listing the catalog costs: in a fresh session and in a warm one, with few and with many relations in other schemas.
//!
//! Run on the servers of `scripts/servers`: `eval "$(scripts/servers start --only-servers 17)" && cargo bench --bench catalog`.

use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

const CATALOG: &str = include_str!("../sql/introspect/catalog.sql");
const BEFORE: &str = concat!(
    "begin read only;",
    include_str!("../sql/ledger/settings.sql"),
    include_str!("../sql/introspect/server.sql"),
    include_str!("../sql/ledger/read.sql"),
);
const SCHEMA: &str = concat!(
    include_str!("../sql/ledger/create.sql"),
    include_str!("../sql/ledger/upgrade.sql"),
    include_str!("../sql/base/20241222140532_uuid7.up.sql"),
    include_str!("../sql/auth/20241222140532_users_sessions_tokens.up.sql"),
    include_str!("../sql/cache/20241222140532_cache.up.sql"),
);
const RUNS: usize = 41;
const RELATIONS: [u32; 2] = [10_000, 100_000];
const DATABASE: &str = "pevensie_pg_bench";

fn main() {
    let servers = std::env::var("PEVENSIE_PG_TEST_SERVERS")
        .expect("run this first: eval \"$(scripts/servers start --only-servers 17)\"");
    for server in servers.split_whitespace() {
        let (version, port) = server.split_once('=').expect("VERSION=PORT");
        let address = |database: &str| format!("postgres://postgres@127.0.0.1:{port}/{database}");
        let mut admin = connect(&address("postgres"));
        recreate(&mut admin);
        connect(&address(DATABASE)).batch_execute(SCHEMA).expect("the schema can be installed");
        println!(
            "PostgreSQL {version}, medians of {RUNS} runs\n\n| other relations | fresh session | warm session |\n|---|---|---|"
        );
        let mut there = 0;
        for relations in [0].into_iter().chain(RELATIONS) {
            fill(&address(DATABASE), there, relations);
            there = relations;
            println!(
                "| {relations} | {:.1?} | {:.1?} |",
                median(|| fresh(&address(DATABASE))),
                warm(&address(DATABASE))
            );
        }
        drop_database(&mut admin);
        println!();
    }
}

fn connect(address: &str) -> Client {
    Client::connect(address, NoTls).expect("the server answers")
}

fn drop_database(admin: &mut Client) {
    admin.batch_execute(&format!("drop database if exists {DATABASE} with (force)")).expect("it can be dropped");
}

fn recreate(admin: &mut Client) {
    drop_database(admin);
    admin.batch_execute(&format!("create database {DATABASE}")).expect("it can be created");
}

/// Adds tables to another schema until there are so many, a thousand in each transaction.
fn fill(address: &str, from: u32, to: u32) {
    let mut client = connect(address);
    client.batch_execute("create schema if not exists other").expect("a schema can be created");
    for start in (from..to).step_by(1000) {
        let script = format!(
            "do $$ begin for i in {start}..{} loop execute 'create table other.t' || i || ' (i int)'; end loop; end $$",
            start + 999
        );
        client.batch_execute(&script).expect("tables can be created");
    }
    client.batch_execute("analyze").expect("statistics can be gathered");
}

/// The time that the listing takes after what a run reads before it, in a session of its own.
fn fresh(address: &str) -> Duration {
    let mut client = connect(address);
    client.simple_query(BEFORE).expect("the state can be read");
    listing(&mut client)
}

fn warm(address: &str) -> Duration {
    let mut client = connect(address);
    client.simple_query(BEFORE).expect("the state can be read");
    median(|| listing(&mut client))
}

fn listing(client: &mut Client) -> Duration {
    let started = Instant::now();
    client.simple_query(CATALOG).expect("the catalog can be listed");
    started.elapsed()
}

fn median(mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS).map(|_| run()).collect();
    times.sort();
    times[RUNS / 2]
}
