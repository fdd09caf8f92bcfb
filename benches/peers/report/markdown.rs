//! The report as a page.

use std::fmt::Write as _;

use super::Report;
use crate::address::Transport;
use crate::figure::Figure;
use crate::goals::Goal;
use crate::scenario::Scenario;

/// Writes the page.
pub fn page(report: &Report) -> String {
    let Report { date, command, machine, postgresql, binary_bytes, .. } = report;
    let mut page = format!(
        "# What it costs, and what other tools cost\n\n\
         Measured on {date} by `{command}`, which measures it again: {cores} cores ({processor}, {kernel}), PostgreSQL \
         {postgresql} in memory, without fsync, without TLS, trusting everybody. The release binary has {size:.2} MB. The \
         load average was {load} at the end: more than 2 means that other programs were at work, too: then neither \
         times nor ratios are worth much.\n\n\
         Each round runs every tool once, in an order that is rotated, and a new process for each run. What is given is the \
         median, in parentheses the quartiles, then the ratio to ours. The other tools get the plain statements, one file for \
         each migration, optimised builds where they are built here, and every run is checked: exit code, what it says, and \
         what is in the database then. The full figures are in [peers.json](peers.json).\n\n\
         ![wall time of each tool](peers.svg)\n",
        cores = machine.cores,
        processor = machine.processor,
        kernel = machine.kernel,
        load = machine.load,
        size = f64::from(*binary_bytes) / 1_000_000.0,
    );
    page += "\n## Goals\n\n| | at most | measured | |\n|---|---:|---:|---|\n";
    page.extend(report.goals.iter().map(goal));
    page += &missed(&report.goals);
    page += "\n## Wall time\n";
    for (transport, heading) in [
        (Transport::Loopback, "127.0.0.1"),
        (Transport::Socket, "Unix socket"),
        (Transport::Distant, "127.0.0.1, with 50 ms of round-trip time added"),
    ] {
        let _ = write!(page, "\n### {heading}\n\nMilliseconds.\n\n");
        page += &table(report, transport, &|figure| (figure.wall_ms.median, Some(quartiles(figure))));
    }
    page +=
        "\nThe delay is that of bytes: a connection is there at once, which saves every tool a round trip for each.\n";
    if let Some(print) = report.figures.iter().find(|figure| figure.scenario == Scenario::Print) {
        let _ = writeln!(
            page,
            "`print` of ours, which needs no database: {} ms ({}), {} ms of CPU, {:.1} MiB.",
            number(print.wall_ms.median),
            quartiles(print),
            number(print.cpu_ms.median),
            print.memory_kib.median / 1024.0,
        );
    }
    page += "\n## CPU time\n\nMilliseconds of user and system, of the tool and the processes that it starts, over 127.0.0.1.\n\n";
    page += &table(report, Transport::Loopback, &|figure| (figure.cpu_ms.median, None));
    page += "\n## Memory\n\nPeak of the largest process, in MiB, over 127.0.0.1.\n\n";
    page += &table(report, Transport::Loopback, &|figure| (figure.memory_kib.median / 1024.0, None));
    page += "\n## Round trips\n\nHow often the client waits for an answer, the opening of the connection included, and in \
             how many connections.\n\n";
    page += &round_trips(report);
    page += NOTES;
    page += "\n## Versions\n\n| tool | version |\n|---|---|\n";
    page.extend(report.tools.iter().map(|tool| format!("| {} | {} |\n", tool.name, tool.version)));
    page
}

const NOTES: &str = "
## What is compared

- `psql, one message` is a limit, no migration tool: all statements in one message, and `select 1` where there is nothing to
  do. It records nothing and verifies nothing.
- Ours records each migration with its checksum, compares the schema with what was promised before it commits, and in
  `status --check` compares the live schema; the status of the others says what is recorded.
- `status with drift` has to find that an index is missing. Of the others only migra can, by comparing with a second database,
  which has to be there.
- refinery and node-pg-migrate have no status. refinery and Liquibase do not know unix sockets.
";

/// Says of each goal that is missed why.
fn missed(goals: &[Goal]) -> String {
    let missed = goals.iter().filter(|goal| goal.is_met == Some(false));
    let line = |goal: &Goal| Some(format!("- {}: {}.\n", goal.what, goal.why?));
    let lines: String = missed.filter_map(line).collect();
    if lines.is_empty() { lines } else { format!("\nWhat is missed, and why:\n\n{lines}") }
}

fn goal(goal: &Goal) -> String {
    let digits = if goal.unit == "round trips" { 0 } else { 2 };
    let measured = goal.measured.map_or_else(|| "–".to_owned(), |measured| format!("{measured:.digits$}"));
    let met = match goal.is_met {
        Some(true) => "met",
        Some(false) => "**not met**",
        None => "not measured",
    };
    format!("| {} | {} {} | {measured} | {met} |\n", goal.what, goal.at_most, goal.unit)
}

/// A line for each tool that has something to show, a column for each scenario.
fn table(report: &Report, transport: Transport, value: &dyn Fn(&Figure) -> (f64, Option<String>)) -> String {
    let ours = report.tools.first().map_or("", |tool| tool.name);
    let cell = |tool: &str, scenario| {
        let Some(figure) = report.figure(tool, transport, scenario) else { return "–".to_owned() };
        let (median, more) = value(figure);
        let more = more.map(|more| format!(" ({more})")).unwrap_or_default();
        let ratio = report.figure(ours, transport, scenario).map(|ours| median / value(ours).0);
        let ratio = ratio.map(|ratio| format!(" · {ratio:.2}")).unwrap_or_default();
        format!("{}{more}{ratio}", number(median))
    };
    lines(report, &cell)
}

fn round_trips(report: &Report) -> String {
    let cell = |tool: &str, scenario| {
        let trips = report.figure(tool, Transport::Loopback, scenario).and_then(|figure| figure.trips);
        trips.map_or_else(|| "–".to_owned(), |trips| format!("{} in {}", trips.round_trips, trips.connections))
    };
    lines(report, &cell)
}

fn lines(report: &Report, cell: &dyn Fn(&str, Scenario) -> String) -> String {
    let mut table = "| |".to_owned();
    table.extend(Scenario::WITH_SERVER.iter().map(|scenario| format!(" {} |", scenario.name())));
    table += "\n|---|---:|---:|---:|---:|\n";
    for tool in &report.tools {
        let cells: Vec<String> = Scenario::WITH_SERVER.iter().map(|scenario| cell(tool.name, *scenario)).collect();
        if cells.iter().any(|cell| cell != "–") {
            let _ = writeln!(table, "| {} | {} |", tool.name, cells.join(" | "));
        }
    }
    table
}

fn quartiles(figure: &Figure) -> String {
    format!("{}–{}", number(figure.wall_ms.lower_quartile), number(figure.wall_ms.upper_quartile))
}

/// With three digits or so.
fn number(value: f64) -> String {
    let digits = match value {
        ..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}
