//! What `sql/ledger/read.sql` answers → the ledger.

use std::collections::HashSet;

use serde::Deserialize;

use super::{Ledger, LedgerError, Record, Row};
use crate::migration::rows::Rows;

/// A row of `module_version` as it is sent.
#[derive(Deserialize)]
struct Recorded {
    module: String,
    at: String,
    checksum: Option<String>,
}

impl Ledger {
    /// Reads what `sql/ledger/read.sql` answers: the ledger, and the records that were fetched, oldest first.
    ///
    /// # Errors
    /// When the tables are not the ledger, may not be read, or hold what this tool never writes.
    pub fn from_rows(rows: &Rows) -> Result<(Self, Vec<Record>), LedgerError> {
        let versions = rows.having("at").map(|row| {
            let Recorded { module, at, checksum } = row.read()?;
            Ok(Row { module, version: stamp(at), checksum })
        });
        let history = rows.having("action").map(|row| {
            let record: Record = row.read()?;
            let (started_at, finished_at) = (moment(record.started_at), moment(record.finished_at));
            Ok(Record { version: stamp(record.version), started_at, finished_at, ..record })
        });
        let versions = versions.collect::<Result<Vec<_>, LedgerError>>()?;
        let history = history.collect::<Result<Vec<_>, LedgerError>>()?;
        match rows.value("shape").unwrap_or_default() {
            "absent" => Ok((Self::Absent, history)),
            "legacy" => Ok((Self::Legacy(versions), history)),
            "current" => Ok((Self::current(versions, &history), history)),
            "unreadable" => Err(LedgerError::Unreadable),
            "changing" => Err(LedgerError::Changing),
            _ => Err(LedgerError::Broken(rows.value("broken").unwrap_or_default().to_owned())),
        }
    }

    /// Returns the ledger that has these rows and records, of which the last of each migration counts.
    #[must_use]
    pub fn current(rows: Vec<Row>, history: &[Record]) -> Self {
        let mut seen = HashSet::new();
        let latest = history.iter().rev().filter(|&record| seen.insert((&record.module, &record.version)));
        let mut log: Vec<Record> = latest.cloned().collect();
        log.reverse();
        Self::Current { rows, log }
    }
}

/// Makes a 14-digit stamp of a whole second in UTC, as PostgreSQL writes it. Anything else is left as it is, so that nobody
/// takes it for another version.
fn stamp(time: String) -> String {
    match parts(&time) {
        Some((seconds, "")) => seconds.chars().filter(char::is_ascii_digit).collect(),
        _ => time,
    }
}

/// Makes RFC 3339 of a time in UTC, as PostgreSQL writes it; anything else is left as it is.
fn moment(time: String) -> String {
    match parts(&time) {
        Some((seconds, fraction)) => format!("{}.{fraction:0<6}Z", seconds.replace(' ', "T")),
        None => time,
    }
}

/// Splits `2026-11-21 04:10:00.25+00` into the seconds and their fraction.
fn parts(time: &str) -> Option<(&str, &str)> {
    const PATTERN: &str = "0000-00-00 00:00:00";
    let (seconds, fraction) = time.strip_suffix("+00")?.split_at_checked(PATTERN.len())?;
    let fits = |(found, wanted): (char, char)| if wanted == '0' { found.is_ascii_digit() } else { found == wanted };
    let fraction = if fraction.is_empty() { "" } else { fraction.strip_prefix('.')? };
    let is_time = seconds.chars().zip(PATTERN.chars()).all(fits) && fraction.chars().all(|c| c.is_ascii_digit());
    is_time.then_some((seconds, fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_seconds_are_versions() {
        for (time, version) in [
            ("2024-12-22 14:05:32+00", "20241222140532"),
            ("2024-12-22 14:05:32.5+00", "2024-12-22 14:05:32.5+00"),
            ("12024-12-22 14:05:32+00", "12024-12-22 14:05:32+00"),
            ("2024-12-22 14:05:32+01", "2024-12-22 14:05:32+01"),
            ("2024-12-22 14:05:32+00 BC", "2024-12-22 14:05:32+00 BC"),
            ("infinity", "infinity"),
            ("", ""),
        ] {
            assert_eq!(stamp(time.to_owned()), version);
        }
    }

    #[test]
    fn a_moment_has_microseconds() {
        for (time, moment_) in [
            ("2024-12-22 14:05:32+00", "2024-12-22T14:05:32.000000Z"),
            ("2024-12-22 14:05:32.25+00", "2024-12-22T14:05:32.250000Z"),
            ("2024-12-22 14:05:32.123456+00", "2024-12-22T14:05:32.123456Z"),
            ("2024-12-22 14:05:32.x+00", "2024-12-22 14:05:32.x+00"),
            ("-infinity", "-infinity"),
        ] {
            assert_eq!(moment(time.to_owned()), moment_);
        }
    }
}
