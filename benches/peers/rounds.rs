//! Who is run how often, and in which order.

use std::time::Duration;

use anyhow::Result;

use super::address::{Transport, Way};
use super::bench::Bench;
use super::figure::{Counts, Samples};
use super::network::Network;
use super::scenario::Scenario;
use super::tool::Pace;

/// What the distant server is away, each way.
pub const DELAY: Duration = Duration::from_millis(25);
/// Enough for what a client sends at once to be there before the answer to its first piece.
const COUNTING_DELAY: Duration = Duration::from_millis(10);

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Few rounds, without the tools that are slow.
    Quick,
    /// Everything.
    Full,
}

impl Extent {
    /// The rounds by each way to the server, and in every how manieth of them the slow tools take part.
    fn rounds(self, transport: Transport) -> (usize, usize) {
        match (self, transport) {
            (Self::Quick, Transport::Distant) => (3, 1),
            (Self::Quick, _) => (11, 1),
            (Self::Full, Transport::Distant) => (5, 2),
            (Self::Full, _) => (31, 6),
        }
    }
}

/// How often everything is counted.
const COUNTS: usize = 3;

/// Counts round trips and connections of everything: the fewest of several runs, because ours, when it is held up for more
/// than a moment, looks why over another connection.
pub fn count(bench: &Bench<'_>) -> Result<Counts> {
    let mut counts = Counts::new();
    for scenario in Scenario::WITH_SERVER {
        for ready in bench.tools.iter().cycle().take(bench.tools.len() * COUNTS) {
            let network = Network::start(bench.server.by_loopback().port, COUNTING_DELAY)?;
            if bench.once(ready, scenario, &through(&network))?.is_some() {
                let trips = network.trips();
                let fewest = counts.entry((ready.tool.name, scenario)).or_insert(trips);
                if trips.round_trips < fewest.round_trips {
                    *fewest = trips;
                }
            }
        }
    }
    Ok(counts)
}

/// Measures everything: in each round every tool once, each time another one first, so that whatever else the machine does
/// is done to all of them. The first round warms up and is not counted.
pub fn measure(bench: &Bench<'_>, extent: Extent) -> Result<Samples> {
    let mut samples = Samples::new();
    let network = Network::start(bench.server.by_loopback().port, DELAY)?;
    for way in [bench.server.by_socket(), bench.server.by_loopback(), through(&network)] {
        let (rounds, every) = extent.rounds(way.transport);
        eprintln!("peers: {rounds} rounds, {:?}", way.transport);
        for round in 0..=rounds {
            a_round(bench, &way, round, every, &mut samples)?;
        }
    }
    Ok(samples)
}

fn through(network: &Network) -> Way {
    Way { transport: Transport::Distant, socket: None, port: network.port() }
}

fn a_round(bench: &Bench<'_>, way: &Way, round: usize, every: usize, samples: &mut Samples) -> Result<()> {
    let count = bench.tools.len();
    for scenario in Scenario::ALL {
        let transport = match scenario {
            // It reaches for no server, so that it is measured along with one way only.
            Scenario::Print if way.transport == Transport::Loopback => Transport::None,
            Scenario::Print => continue,
            Scenario::Install | Scenario::Nothing | Scenario::Status | Scenario::Drift => way.transport,
        };
        for place in 0..count {
            let ready = &bench.tools[(place + round) % count];
            if ready.tool.pace == Pace::Slow && round % every != 1 % every {
                continue;
            }
            if let Some(sample) = bench.once(ready, scenario, way)?
                && round > 0
            {
                samples.entry((ready.tool.name, transport, scenario)).or_default().push(sample);
            }
        }
    }
    Ok(())
}
