//! Ledgers with many records.

use anyhow::Result;

use crate::client::{Client, HISTORY, NOTHING, STATUS};
use crate::extent::Extent;
use crate::series::{Series, measure};

/// Rolls the newest migration back and applies it again, by the ledger, until there are so many records: each as it was
/// recorded at first, a millisecond after the one before.
const FILL: &str = "
    insert into pevensie.migration_log
      (module, version, action, checksum, started_at, finished_at, role, application, tool)
    select l.module, l.version, case when nth % 2 = 1 then 'down' else 'up' end, l.checksum,
      l.started_at + make_interval(secs => nth * 0.001), l.finished_at + make_interval(secs => nth * 0.001),
      l.role, l.application, l.tool
    from (select * from pevensie.migration_log order by version desc limit 1) l,
      generate_series(1, :records - (select count(*) from pevensie.migration_log)) as nth
    order by nth;
    do $$ begin assert (select count(*) from pevensie.migration_log) = :records; end $$;
    analyze pevensie.migration_log";

/// Measures with each number of records, in a database for each.
pub fn run(client: &Client<'_>, extent: Extent) -> Result<Vec<Series>> {
    let sizes = extent.records();
    for size in sizes {
        eprintln!("growth: {size} records");
        client.install(&database(size))?;
        client.server.execute(&database(size), &FILL.replace(":records", &size.to_string()))?;
    }
    let works =
        [("`status --check`", STATUS), ("`migrate --apply`, nothing to do", NOTHING), ("`status --history`", HISTORY)];
    let series = measure(extent.rounds(), &works, &sizes, |command, size| client.run(command, &database(size)))?;
    for size in sizes {
        client.drop(&database(size))?;
    }
    Ok(series)
}

fn database(size: u32) -> String {
    format!("pevensie_pg_bench_records_{size}")
}
