//! Databases with many relations that are none of ours.

use anyhow::Result;

use crate::client::{Client, NOTHING, STATUS};
use crate::extent::Extent;
use crate::series::{Series, measure};

/// Over how many schemas they are spread.
const SCHEMAS: u32 = 10;
/// How many are created in a transaction: each holds a lock until its end.
const AT_A_TIME: u32 = 1_000;
/// What a session reads of the catalog that grows with them. A table without columns has six all the same.
const GATHER: &str = "vacuum (analyze) pg_class, pg_attribute, pg_type, pg_depend, pg_namespace";

/// Measures with each number of relations, in a database for each.
pub fn run(client: &Client<'_>, extent: Extent) -> Result<Vec<Series>> {
    let sizes = extent.relations();
    for size in sizes {
        eprintln!("growth: {size} relations");
        client.install(&database(size))?;
        fill(client, &database(size), size)?;
    }
    let works = [("`status --check`", STATUS), ("`migrate --apply`, nothing to do", NOTHING)];
    let series = measure(extent.rounds(), &works, &sizes, |command, size| client.run(command, &database(size)))?;
    for size in sizes {
        client.drop(&database(size))?;
    }
    Ok(series)
}

fn database(size: u32) -> String {
    format!("pevensie_pg_bench_relations_{size}")
}

/// Creates so many tables without columns, the least that has a file and a type.
fn fill(client: &Client<'_>, database: &str, relations: u32) -> Result<()> {
    let script = format!(
        "do $$ begin
           for nth in 0..{SCHEMAS} - 1 loop
             execute 'create schema other' || nth;
           end loop;
           for nth in 1..{relations} loop
             execute 'create table other' || nth % {SCHEMAS} || '.t' || nth || ' ()';
             if nth % {AT_A_TIME} = 0 then commit; end if;
           end loop;
         end $$"
    );
    client.server.execute(database, &script)?;
    client.server.execute(database, GATHER)
}
