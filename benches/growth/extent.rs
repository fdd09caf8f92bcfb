//! How much is measured.

/// How far things are made to grow, and how often each is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Small sizes and few rounds.
    Quick,
    /// Everything.
    Full,
}

impl Extent {
    /// Rounds of each interleaved run, besides the first one, which warms up.
    pub fn rounds(self) -> u32 {
        match self {
            Self::Quick => 7,
            Self::Full => 21,
        }
    }

    /// Rounds of what needs no server.
    pub fn rounds_within(self) -> u32 {
        match self {
            Self::Quick => 5,
            Self::Full => 11,
        }
    }

    /// Relations that are none of ours.
    pub fn relations(self) -> [u32; 3] {
        match self {
            Self::Quick => [0, 1_000, 10_000],
            Self::Full => [0, 10_000, 100_000],
        }
    }

    /// Records in the ledger.
    pub fn records(self) -> [u32; 3] {
        match self {
            Self::Quick => [10, 100, 1_000],
            Self::Full => [10, 1_000, 10_000],
        }
    }

    /// Migrations in a bundle. Without a server that takes no time worth saving.
    pub fn migrations(self) -> [u32; 3] {
        match self {
            Self::Quick | Self::Full => [10, 100, 1_000],
        }
    }

    /// Databases worked on in one run.
    pub fn databases(self) -> [u32; 2] {
        match self {
            Self::Quick => [10, 50],
            Self::Full => [100, 1_000],
        }
    }

    /// The command that measures this much.
    pub fn command(self) -> &'static str {
        match self {
            Self::Quick => "scripts/bench growth --quick",
            Self::Full => "scripts/bench growth",
        }
    }
}
