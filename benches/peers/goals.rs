//! What is to be reached, and whether it is.

use serde::Serialize;

use super::address::Transport;
use super::figure::Figure;
use super::network::Trips;
use super::scenario::Scenario;
use super::tools::{DBMATE, MIGRA, OURS, PSQL, SQLX};

/// One goal: something that may be so much at most.
#[derive(Clone, Debug, Serialize)]
pub struct Goal {
    /// What it is about.
    pub what: &'static str,
    /// The most that it may be.
    pub at_most: f64,
    /// What it is counted in.
    pub unit: &'static str,
    /// What it is, if it could be measured.
    pub measured: Option<f64>,
    /// Whether it is reached, if that is known.
    pub is_met: Option<bool>,
    /// What there is to say where it is not.
    pub why: Option<&'static str>,
}

const START: &str = "most of it is the start of two processes, the server's and ours, which every tool waits for; what is asked \
                     of the server then, in a session that has cached nothing, is the smaller part";
const PROCESS: &str =
    "it is the start of a process and little else, which takes longer where the machine's host is busy";
const LISTING: &str = "the whole schema is listed and compared, of which the other reads nothing: that takes fourteen catalogs, \
                       which a new session has to open and to plan for";
const VERIFIED: &str = "each migration is recorded with its checksum, and before the commit the whole schema is listed and \
                        compared with what was promised, which the others do without";

impl Goal {
    fn new(what: &'static str, at_most: f64, unit: &'static str, measured: Option<f64>) -> Self {
        Self { what, at_most, unit, measured, is_met: measured.map(|measured| measured <= at_most), why: None }
    }

    fn because(self, why: &'static str) -> Self {
        Self { why: Some(why), ..self }
    }
}

/// What is measured, to be asked by the goals.
struct Measured<'f>(&'f [Figure]);

impl Measured<'_> {
    fn figure(&self, tool: &str, scenario: Scenario) -> Option<&Figure> {
        let is_it = |figure: &&Figure| {
            let Figure { transport, .. } = figure;
            let is_way = matches!(transport, Transport::Loopback | Transport::None);
            figure.tool == tool && figure.scenario == scenario && is_way
        };
        self.0.iter().find(is_it)
    }

    fn wall(&self, tool: &str, scenario: Scenario) -> Option<f64> {
        Some(self.figure(tool, scenario)?.wall_ms.median)
    }

    /// Our wall time as a part of another tool's for the same work.
    fn part_of(&self, other: &str, scenario: Scenario) -> Option<f64> {
        Some(self.wall(OURS.name, scenario)? / self.wall(other, scenario)?)
    }

    fn round_trips(&self, scenario: Scenario) -> Option<f64> {
        let Trips { round_trips, .. } = self.figure(OURS.name, scenario)?.trips?;
        Some(f64::from(round_trips))
    }
}

/// The goals, by what was measured over 127.0.0.1, and the size of the binary in bytes.
pub fn goals(figures: &[Figure], binary: u32) -> Vec<Goal> {
    let measured = Measured(figures);
    let trips = |what, scenario, at_most| Goal::new(what, at_most, "round trips", measured.round_trips(scenario));
    let part =
        |what, other: &str, scenario, at_most| Goal::new(what, at_most, "times", measured.part_of(other, scenario));
    let print = measured.figure(OURS.name, Scenario::Print);
    let print_ms = print.map(|figure| figure.wall_ms.median);
    let print_mib = print.map(|figure| figure.memory_kib.median / 1024.0);
    let megabytes = f64::from(binary) / 1_000_000.0;
    vec![
        trips("nothing to do", Scenario::Nothing, 2.0),
        trips("status with drift", Scenario::Drift, 2.0),
        trips("fresh install", Scenario::Install, 4.0),
        part("nothing to do: time of sqlx-cli's", SQLX.name, Scenario::Nothing, 0.75).because(START),
        part("status: time of sqlx-cli's `migrate info`", SQLX.name, Scenario::Status, 1.5).because(LISTING),
        part("status: time of dbmate's", DBMATE.name, Scenario::Status, 1.0),
        part("status with drift: time of migra's", MIGRA.name, Scenario::Drift, 0.1),
        part("fresh install: time of sqlx-cli's", SQLX.name, Scenario::Install, 1.0).because(VERIFIED),
        part("fresh install: time of psql's with one message", PSQL.name, Scenario::Install, 1.15).because(VERIFIED),
        Goal::new("print: time", 2.0, "ms", print_ms).because(PROCESS),
        Goal::new("print: memory", 6.0, "MiB", print_mib),
        Goal::new("the stripped release binary", 4.0, "MB", Some(megabytes)),
    ]
}
