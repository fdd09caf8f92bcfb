//! What `sql/ledger/glance.sql` and `sql/ledger/read.sql` answer → the ledger.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Ledger, LedgerError, Record, Row};
use crate::migration::rows::Rows;

/// A row of `module_version` as `read.sql` sends it.
#[derive(Deserialize)]
struct Recorded {
    module: String,
    at: String,
    checksum: Option<String>,
}

/// A row of either table as `glance.sql` sends it, by what only it has.
#[derive(Deserialize)]
#[serde(untagged)]
enum Glanced {
    Record {
        id: i64,
        #[serde(flatten)]
        record: Record,
    },
    Version {
        module: String,
        version: String,
        #[serde(deserialize_with = "Option::deserialize")] // which has to be there
        checksum: Option<String>,
    },
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
        let history = rows.having("action").map(|row| Ok(normal(row.read()?)));
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

    /// Reads what `sql/ledger/glance.sql` answers likewise; nothing unless both tables have rows, and all of them are as they
    /// should be.
    #[must_use]
    pub fn at_a_glance(rows: &Rows) -> Option<(Self, Vec<Record>)> {
        let (mut versions, mut history) = (Vec::new(), Vec::new());
        for row in rows.having("recorded") {
            let (_, row) = row.text("recorded").split_once(' ')?;
            match serde_json::from_str(row).ok()? {
                Glanced::Record { id, record } => history.push((id, normal(record))),
                Glanced::Version { module, version, checksum } => {
                    versions.push(Row { module, version: stamp(version), checksum });
                }
            }
        }
        history.sort_by_key(|(id, _)| *id);
        let history: Vec<Record> = history.into_iter().map(|(_, record)| record).collect();
        let is_telling = !versions.is_empty() && !history.is_empty();
        is_telling.then(|| (Self::current(versions, &history), history))
    }

    /// Returns the ledger that has these rows and records, of which the last of each migration counts.
    #[must_use]
    pub fn current(rows: Vec<Row>, history: &[Record]) -> Self {
        let mut seen = BTreeSet::new();
        let newest_first = history.iter().rev().filter(|&record| seen.insert((&record.module, &record.version)));
        let mut latest: Vec<Record> = newest_first.cloned().collect();
        latest.reverse();
        Self::Current { rows, latest }
    }
}

/// Writes the times of a record as this tool does.
fn normal(record: Record) -> Record {
    let (started_at, finished_at) = (moment(record.started_at), moment(record.finished_at));
    Record { version: stamp(record.version), started_at, finished_at, ..record }
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
#[must_use]
pub fn moment(time: String) -> String {
    match parts(&time) {
        Some((seconds, fraction)) => format!("{}.{fraction:0<6}Z", seconds.replace(' ', "T")),
        None => time,
    }
}

/// Splits `2026-11-21 04:10:00.25+00`, and the same as JSON has it, into the seconds and their fraction.
fn parts(time: &str) -> Option<(&str, &str)> {
    const PATTERN: &str = "0000-00-00 00:00:00";
    let time = time.strip_suffix("+00").or_else(|| time.strip_suffix("+00:00"))?;
    let (seconds, fraction) = time.split_at_checked(PATTERN.len())?;
    let fits = |(found, wanted): (char, char)| match wanted {
        '0' => found.is_ascii_digit(),
        ' ' => found == ' ' || found == 'T',
        other => found == other,
    };
    let fraction = if fraction.is_empty() { "" } else { fraction.strip_prefix('.')? };
    let is_time = seconds.chars().zip(PATTERN.chars()).all(fits) && fraction.chars().all(|c| c.is_ascii_digit());
    is_time.then_some((seconds, fraction))
}

#[cfg(test)]
mod tests {
    use super::super::Action;
    use super::*;

    #[test]
    fn only_whole_seconds_are_versions() {
        for (time, version) in [
            ("2024-12-22 14:05:32+00", "20241222140532"),
            ("2024-12-22T14:05:32+00:00", "20241222140532"),
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

    fn glanced(words: &[&str]) -> Option<(Ledger, Vec<Record>)> {
        let mut rows = Rows::default();
        rows.begin(vec!["recorded".to_owned()]);
        for word in words {
            rows.push(vec![Some((*word).to_owned())]);
        }
        Ledger::at_a_glance(&rows)
    }

    #[test]
    fn a_glance_tells_only_where_everything_is_as_it_should_be() {
        let version = r#"1 {"module": "base", "version": "2024-12-22T14:05:32+00:00", "checksum": null}"#;
        let record = |id: i64| {
            format!(
                r#"2 {{"id": {id}, "module": "base", "version": "2024-12-22T14:05:32+00:00", "action": "up", "checksum": "c{id}",
                "started_at": "2024-12-22T14:05:32+00:00", "finished_at": "2024-12-22T14:05:33.5+00:00", "role": "r",
                "application": "a", "tool": "t"}}"#
            )
        };
        // Words come in their own order.
        let (ledger, history) = glanced(&[&record(10), &record(9), version]).unwrap();
        assert_eq!(history.iter().map(|record| record.checksum.as_str()).collect::<Vec<_>>(), ["c9", "c10"]);
        assert_eq!(ledger.latest(), &history[1..]);
        assert_eq!(ledger.rows()[0].version, "20241222140532");
        assert_eq!(history[0].finished_at, "2024-12-22T14:05:33.500000Z");
        let cut_off = &record(1)[..100];
        let upstreams = &version.replace(", \"checksum\": null", "");
        for words in
            [&[][..], &[version], &[&record(1)], &[version, cut_off], &[upstreams, &record(1)], &[version, "2"]]
        {
            assert_eq!(glanced(words), None, "{words:?}");
        }
    }

    /// What a server answers that has a ledger of this shape, with a row and a record.
    fn read(shape: &str) -> Result<(Ledger, Vec<Record>), LedgerError> {
        let columns = |names: &str| names.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let values = |values: &[&str]| values.iter().map(|value| Some((*value).to_owned())).collect::<Vec<_>>();
        let (time, mut rows) = ("2024-12-22 14:05:32+00", Rows::default());
        rows.begin(columns("shape broken"));
        rows.push(values(&[shape, "migration_log"]));
        rows.begin(columns("module at checksum"));
        rows.push(values(&["base", time, "c"]));
        rows.begin(columns("module version action checksum started_at finished_at role application tool"));
        rows.push(values(&["base", time, "adopt", "c", time, time, "r", "a", "t"]));
        Ledger::from_rows(&rows)
    }

    #[test]
    fn a_ledger_is_read_by_its_shape() {
        let (ledger, history) = read("current").unwrap();
        let (version, time) = ("20241222140532".to_owned(), "2024-12-22T14:05:32.000000Z");
        let row = Row { module: "base".to_owned(), version: version.clone(), checksum: Some("c".to_owned()) };
        let [record] = &history[..] else { panic!("{history:?}") };
        assert_eq!((&record.version, record.action, record.finished_at.as_str()), (&version, Action::Adopt, time));
        assert_eq!(ledger, Ledger::Current { rows: vec![row.clone()], latest: history.clone() });
        assert_eq!(read("legacy").unwrap(), (Ledger::Legacy(vec![row]), history.clone()));
        assert_eq!(read("absent").unwrap(), (Ledger::Absent, history));
        assert!(matches!(read("unreadable"), Err(LedgerError::Unreadable)));
        assert!(matches!(read("changing"), Err(LedgerError::Changing)));
        assert!(matches!(read("other"), Err(LedgerError::Broken(table)) if table == "migration_log"));
    }

    #[test]
    fn a_moment_has_microseconds() {
        for (time, moment_) in [
            ("2024-12-22 14:05:32+00", "2024-12-22T14:05:32.000000Z"),
            ("2024-12-22 14:05:32.25+00", "2024-12-22T14:05:32.250000Z"),
            ("2024-12-22T14:05:32.25+00:00", "2024-12-22T14:05:32.250000Z"),
            ("2024-12-22 14:05:32.123456+00", "2024-12-22T14:05:32.123456Z"),
            ("2024-12-22 14:05:32.x+00", "2024-12-22 14:05:32.x+00"),
            ("-infinity", "-infinity"),
        ] {
            assert_eq!(moment(time.to_owned()), moment_);
        }
    }
}
