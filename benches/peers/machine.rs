//! What the figures were measured on.

use std::fs;
use std::thread;

use serde::Serialize;

/// The machine.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// How many cores it has.
    pub cores: usize,
    /// What its processor calls itself.
    pub processor: String,
    /// The kernel.
    pub kernel: String,
    /// How many processes were at work, on average over the minute before the end. One or so is the benchmark itself.
    pub load: String,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let information = read("/proc/cpuinfo");
        let model = information.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Self {
            cores: thread::available_parallelism().map_or(1, usize::from),
            processor: model.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, model)| model.trim().to_owned()),
            load: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
            kernel: format!("Linux {}", read("/proc/sys/kernel/osrelease").trim()),
        }
    }
}
