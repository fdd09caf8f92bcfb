//! How often each fault was survived.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Says how much to do: a few runs by default, many where `PEVENSIE_PG_FAULTS` is set to `full`.
pub(crate) fn scale<T>(short: T, full: T) -> T {
    if std::env::var_os("PEVENSIE_PG_FAULTS").is_some_and(|value| value == "full") { full } else { short }
}

/// A kind of fault, counted. At its end it writes a row, `CASE|RUNS|SURVIVED`, into the file that
/// `PEVENSIE_PG_FAULTS_REPORT` names, also when the test fails in between.
pub(crate) struct Case {
    name: String,
    runs: AtomicUsize,
    survived: AtomicUsize,
}

impl Case {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), runs: AtomicUsize::new(0), survived: AtomicUsize::new(0) }
    }

    /// One run, which has survived when this returns.
    pub(crate) fn run<T>(&self, run: impl FnOnce() -> T) -> T {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let result = run();
        self.survived.fetch_add(1, Ordering::Relaxed);
        result
    }
}

impl Drop for Case {
    fn drop(&mut self) {
        let (runs, survived) = (self.runs.load(Ordering::Relaxed), self.survived.load(Ordering::Relaxed));
        println!("{}: {survived} of {runs} survived", self.name);
        let Some(path) = std::env::var_os("PEVENSIE_PG_FAULTS_REPORT") else { return };
        let file = OpenOptions::new().create(true).append(true).open(path);
        // One write, so that rows of tests at the same time do not mix.
        if let Err(error) =
            file.and_then(|mut file| file.write_all(format!("{}|{runs}|{survived}\n", self.name).as_bytes()))
        {
            eprintln!("no row in the report: {error}");
        }
    }
}
