//! What a value of `pevensie.uuid7` costs: the first generation, the second, and one that draws from `random()` and counts
//! in double precision, as upstream's does.
//!
//! Run on the servers of `scripts/servers`: `eval "$(scripts/servers start --only-servers 17)" && cargo bench --bench uuid7`.

use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

const FIRST: &str = concat!("create schema pevensie;", include_str!("../sql/base/20241222140532_uuid7.up.sql"));
const SECOND: &str = concat!("create schema pevensie;", include_str!("../sql/base/20261121041000_uuid7_range.up.sql"));
const RANDOM: &str = "
    create schema pevensie;
    create function pevensie.uuid7(p_timestamp timestamptz) returns uuid language plpgsql as $$
    declare
      milliseconds double precision := extract(epoch from p_timestamp) * 1000;
      fraction double precision := (milliseconds - floor(milliseconds)) * 4096;
    begin
      return (lpad(to_hex(floor(milliseconds)::bigint), 12, '0') || to_hex(28672 + floor(fraction)::int)
        || to_hex(32768 + floor(random() * 16384)::int)
        || lpad(to_hex(floor(random() * 281474976710656)::bigint), 12, '0'))::uuid;
    end $$;
    create function pevensie.uuid7() returns uuid language plpgsql as $$
    begin
      return pevensie.uuid7(clock_timestamp());
    end $$;";

/// What is compared, each in a database of its own.
const COMPARED: [(&str, &str); 4] = [
    ("first generation", FIRST),
    ("second generation", SECOND),
    ("random, double precision", RANDOM),
    ("clock only", ""),
];
/// What is called for each of them, and what stands for it where there is nothing but the clock.
const CALLS: [(&str, &str); 2] = [
    ("pevensie.uuid7()", "clock_timestamp()"),
    (
        "pevensie.uuid7(timestamptz '2030-01-01Z' + n * interval '1 ms')",
        "timestamptz '2030-01-01Z' + n * interval '1 ms'",
    ),
];
const VALUES: u32 = 20_000;
const RUNS: usize = 41;

fn main() {
    let servers = std::env::var("PEVENSIE_PG_TEST_SERVERS")
        .expect("run this first: eval \"$(scripts/servers start --only-servers 17)\"");
    for server in servers.split_whitespace() {
        let (version, port) = server.split_once('=').expect("VERSION=PORT");
        let address = |database: &str| format!("postgres://postgres@127.0.0.1:{port}/{database}");
        let mut admin = connect(&address("postgres"));
        let databases: Vec<String> = (0..COMPARED.len()).map(|n| format!("pevensie_pg_bench_uuid7_{n}")).collect();
        for database in &databases {
            drop_database(&mut admin, database);
            admin.batch_execute(&format!("create database {database}")).expect("it can be created");
        }
        let mut clients: Vec<Client> = databases.iter().map(|database| connect(&address(database))).collect();
        for (client, (_, script)) in clients.iter_mut().zip(COMPARED) {
            client.batch_execute("set jit to off").expect("there is such a setting");
            client.batch_execute(script).expect("the functions can be created");
        }
        println!(
            "PostgreSQL {version}, nanoseconds per value, medians of {RUNS} runs of {VALUES} values in turn\n\n\
             | | `uuid7()` | `uuid7(timestamptz)` |\n|---|---|---|"
        );
        let medians = CALLS.map(|(made, clock)| medians(&mut clients, made, clock));
        for (n, (name, _)) in COMPARED.iter().enumerate() {
            println!("| {name} | {} | {} |", medians[0][n], medians[1][n]);
        }
        println!();
        drop(clients);
        for database in &databases {
            drop_database(&mut admin, database);
        }
    }
}

fn connect(address: &str) -> Client {
    Client::connect(address, NoTls).expect("the server answers")
}

fn drop_database(admin: &mut Client, database: &str) {
    admin.batch_execute(&format!("drop database if exists {database} with (force)")).expect("it can be dropped");
}

/// The median of each, where one run of each follows the other: whatever else the machine does, it does to all of them.
fn medians(clients: &mut [Client], made: &str, clock: &str) -> Vec<u128> {
    let mut times = vec![Vec::new(); clients.len()];
    for _ in 0..RUNS {
        for ((client, (_, script)), times) in clients.iter_mut().zip(COMPARED).zip(&mut times) {
            times.push(run(client, if script.is_empty() { clock } else { made }));
        }
    }
    times
        .into_iter()
        .map(|mut times: Vec<Duration>| {
            times.sort();
            times[RUNS / 2].as_nanos() / u128::from(VALUES)
        })
        .collect()
}

fn run(client: &mut Client, made: &str) -> Duration {
    let started = Instant::now();
    client
        .simple_query(&format!("select count({made}) from generate_series(1, {VALUES}) n"))
        .expect("it can be called");
    started.elapsed()
}
