//! The report as a page.

use std::fmt::Write as _;

use super::Report;
use crate::databases::{JOBS, Taken, Task};
use crate::goals::{Goal, RULES};
use crate::series::{Point, Series};

/// Writes the page.
pub fn page(report: &Report) -> String {
    let Report { date, command, machine, postgresql, pevensie_pg, sqlx_cli, .. } = report;
    let mut page = format!(
        "# How the cost grows\n\n\
         Measured on {date} by `{command}`, which measures it again: {cores} cores ({processor}, {kernel}), PostgreSQL \
         {postgresql} in memory, without fsync, over 127.0.0.1 without TLS; pevensie-pg {pevensie_pg}, sqlx-cli {sqlx}. The full \
         figures are in [growth.json](growth.json).\n\n\
         Milliseconds of wall time are given, the median and in parentheses the quartiles, of runs that are interleaved, each of \
         which is a new process; what takes seconds is run less often. After the dot is the growth: how many times as long it takes for each tenfold of the size to its \
         left. 1.00 is no growth at all, 10.00 a straight line through nothing, 100.00 the square.\n",
        cores = machine.cores,
        processor = machine.processor,
        kernel = machine.kernel,
        sqlx = sqlx_cli.as_deref().unwrap_or("is left out"),
    );
    page += "\n## Goals\n\nNone is steeper than linear in its own work, and none depends on what is not ours.\n\n";
    page += RULES;
    page += "\n\n| | at most | measured | |\n|---|---:|---:|---|\n";
    page.extend(report.goals.iter().map(goal));
    page += "\nWhy more goes into a fresh install, and into `status`, than sqlx-cli puts there is said in \
             [peers.md](peers.md#goals).\n";
    page += "\n## Other relations\n\nTables without columns in ten other schemas of the same database.\n\n";
    page += &table(&report.relations);
    page +=
        "\n## Records in the ledger\n\nThe newest migration, rolled back and applied again as often as it takes.\n\n";
    page += &table(&report.records);
    page += "\n## Migrations in a bundle\n\nIn the process, without a server: synthetic migrations of all modules by turns, each of \
             which creates a table with an index. The code is the tool's own, compiled along with the benchmark. \
             Of three in a row the fastest counts.\n\n";
    page += &table(&report.migrations);
    let _ = write!(
        page,
        "\n## Databases\n\nOne run of `pevensie-pg --jobs {JOBS} --addr-file`, beside `xargs -P {JOBS} -n 1` with `sqlx migrate run` and \
         `sqlx migrate info` on as many other databases, all of them empty at first. Each was run once, and every database looked at \
         after the install. CPU time is that of all client processes, without the server's; memory is the peak of the largest \
         process, of which sqlx-cli has {JOBS} at a time.\n\n"
    );
    page += &databases(&report.databases);
    page
}

fn goal(goal: &Goal) -> String {
    let measured = goal.measured.map_or_else(|| "–".to_owned(), |measured| format!("{measured:.2}"));
    let met = match goal.is_met {
        Some(true) => "met",
        Some(false) => "**not met**",
        None => "not measured",
    };
    format!("| {} | {} {} | {measured} | {met} |\n", goal.what, goal.at_most, goal.unit)
}

/// A line for each series, a column for each size.
pub fn table(all: &[Series]) -> String {
    let Some(first) = all.first() else { return String::new() };
    let mut table = "| |".to_owned();
    table.extend(first.points.iter().map(|point| format!(" {} |", grouped(point.size))));
    table += "\n|---|";
    table += &"---:|".repeat(first.points.len());
    table += "\n";
    for series in all {
        let before = std::iter::once(None).chain(series.points.iter().map(Some));
        let cells = before.zip(&series.points).map(|(before, point)| cell(before, point));
        let _ = writeln!(table, "| {} | {} |", series.what, cells.collect::<Vec<_>>().join(" | "));
    }
    table
}

fn cell(before: Option<&Point>, point: &Point) -> String {
    let [median, low, high] = [point.wall_us.median, point.wall_us.lower_quartile, point.wall_us.upper_quartile]
        .map(|microseconds| number(microseconds / 1e3));
    let growth = before.and_then(|before| point.growth_since(before)).map(|growth| format!(" · {growth:.2}"));
    format!("{median} ({low}–{high}){}", growth.unwrap_or_default())
}

fn databases(all: &[Taken]) -> String {
    let mut table = "| | databases | by | seconds | ms for each | CPU, s | memory, MiB |\n\
                     |---|---:|---|---:|---:|---:|---:|\n"
        .to_owned();
    for task in Task::ALL {
        for taken in all.iter().filter(|taken| taken.task == task) {
            let _ = writeln!(
                table,
                "| {} | {} | {} | {:.2} | {} | {:.2} | {:.1} |",
                task.name(),
                grouped(taken.databases),
                taken.by.name(),
                taken.wall_ms / 1e3,
                number(taken.wall_ms / f64::from(taken.databases)),
                taken.cpu_ms / 1e3,
                f64::from(taken.memory_kib) / 1024.0,
            );
        }
    }
    table
}

/// With three digits or so.
fn number(value: f64) -> String {
    let digits = match value {
        ..0.1 => 4,
        0.1..1.0 => 3,
        1.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}

/// With commas between the thousands.
fn grouped(value: u32) -> String {
    match value {
        ..1_000 => value.to_string(),
        _ => format!("{},{:03}", grouped(value / 1_000), value % 1_000),
    }
}
