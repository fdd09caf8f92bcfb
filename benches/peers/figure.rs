//! What was measured of one tool in one scenario by one way.

use std::collections::BTreeMap;

use serde::Serialize;

use super::address::Transport;
use super::network::Trips;
use super::sample::Sample;
use super::scenario::Scenario;
use super::statistics::Spread;

/// All measurements, by tool, transport and scenario.
pub type Samples = BTreeMap<(&'static str, Transport, Scenario), Vec<Sample>>;
/// All counts, by tool and scenario.
pub type Counts = BTreeMap<(&'static str, Scenario), Trips>;

/// A line of the report.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// The tool.
    pub tool: &'static str,
    /// How it reached the server.
    pub transport: Transport,
    /// What it did.
    pub scenario: Scenario,
    /// How often it was run.
    pub runs: usize,
    /// Wall time, in milliseconds.
    pub wall_ms: Spread,
    /// CPU time of the user and of the system, in milliseconds.
    pub cpu_ms: Spread,
    /// Peak of the resident memory, in KiB.
    pub memory_kib: Spread,
    /// Counted in a run of its own; the same by every way.
    #[serde(flatten)]
    pub trips: Option<Trips>,
}

impl Figure {
    /// Makes a line of every measurement.
    pub fn of_all(samples: &Samples, counts: &Counts) -> Vec<Self> {
        let figure = |(&(tool, transport, scenario), taken): (&_, &Vec<Sample>)| Self {
            tool,
            transport,
            scenario,
            runs: taken.len(),
            wall_ms: Spread::of(taken.iter().map(|sample| sample.wall.as_secs_f64() * 1000.0).collect()),
            cpu_ms: Spread::of(taken.iter().map(|sample| sample.cpu.as_secs_f64() * 1000.0).collect()),
            memory_kib: Spread::of(taken.iter().map(|sample| kibibytes(sample.memory)).collect()),
            trips: counts.get(&(tool, scenario)).copied(),
        };
        samples.iter().map(figure).collect()
    }
}

/// As a number that can be divided.
fn kibibytes(memory: u64) -> f64 {
    u32::try_from(memory).map_or(f64::INFINITY, f64::from)
}
