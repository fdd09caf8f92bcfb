//! The version of a migration: the UTC second at which it was written.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A 14-digit UTC stamp, `YYYYMMDDHHMMSS`, always of a date that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// Returns the stamp as a number.
    #[must_use]
    pub(crate) const fn number(self) -> u64 {
        self.0
    }

    /// Returns the stamp as PostgreSQL reads it under every `DateStyle` and `TimeZone`: `2024-12-22 14:05:32+00`.
    #[must_use]
    pub(crate) fn timestamp(self) -> String {
        let s = self.to_string();
        format!("{}-{}-{} {}:{}:{}+00", &s[..4], &s[4..6], &s[6..8], &s[8..10], &s[10..12], &s[12..])
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:014}", self.0))
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Text that is not the stamp of a migration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a version; a version is a 14-digit UTC stamp such as 20241222140532")]
pub struct InvalidVersion(String);

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let invalid = || InvalidVersion(text.to_owned());
        if text.len() != 14 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        let part = |from: usize, to: usize| text[from..to].parse::<u64>().map_err(|_| invalid());
        let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
        let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
        let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => 31,
        };
        let exists = year >= 1
            && (1..=12).contains(&month)
            && (1..=days).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        if exists { Ok(Self(part(0, 14)?)) } else { Err(invalid()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_and_written_alike() {
        for text in ["20241222140532", "00010101000000", "20240229235959", "20000229000000"] {
            assert_eq!(text.parse::<Version>().unwrap().to_string(), text);
        }
        assert_eq!("20241222140532".parse::<Version>().unwrap().timestamp(), "2024-12-22 14:05:32+00");
    }

    #[test]
    fn what_is_no_date_is_no_version() {
        for text in [
            "",
            "0",
            "2024",
            "2024122214053",
            "202412221405321",
            "2024122214053x",
            "+0241222140532",
            "٢٠٢٤١٢٢٢",
            "20241322140532",
            "20240022140532",
            "20241232140532",
            "20230229140532",
            "21000229140532",
            "20240431140532",
            "20241222240532",
            "20241222146032",
            "20241222140560",
            "00001222140532",
        ] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
