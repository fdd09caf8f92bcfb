//! How long something took, and how long ago it was.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `12 ms`, `3.4 s`, `2 min 5 s`, `1 h 2 min`
#[must_use]
pub fn duration(elapsed: Duration) -> String {
    match elapsed.as_millis() {
        milliseconds @ ..1000 => format!("{milliseconds} ms"),
        1000..59_950 => format!("{:.1} s", elapsed.as_secs_f64()),
        _ => whole(elapsed),
    }
}

/// `0 s`, `59 s`, `2 min 5 s`, `1 h 2 min`
#[must_use]
pub fn whole(elapsed: Duration) -> String {
    // What a tenth of a second would round up to a minute is one.
    let seconds = (elapsed.as_millis() + 50) / 1000;
    let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min {} s", seconds / MINUTE, seconds % MINUTE),
        _ => format!("{} h {} min", seconds / HOUR, seconds % HOUR / MINUTE),
    }
}

/// How wide an age is at most.
pub const WIDEST_AGE: usize = "11 months ago".len();

/// Says how long before `now` a time was, both in RFC 3339 and UTC; nothing where that is not known or not true.
#[must_use]
pub fn ago(then: &str, now: &str) -> Option<String> {
    let (then, now) = (humantime::parse_rfc3339(then).ok()?, humantime::parse_rfc3339(now).ok()?);
    let seconds = now.duration_since(then).ok()?.as_secs();
    let days = seconds / DAY;
    Some(match seconds {
        ..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => format!("{} min ago", seconds / MINUTE),
        HOUR..DAY => counted(seconds / HOUR, "hour"),
        _ if days < 31 => counted(days, "day"),
        _ if days < 365 => counted(days * 12 / 365, "month"),
        _ => counted((days * 4 / 1461).max(1), "year"),
    })
}

fn counted(count: u64, unit: &str) -> String {
    format!("{} ago", super::counted(count, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_exact_as_one_wants_to_know() {
        for (milliseconds, expected) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1000, "1.0 s"),
            (59_949, "59.9 s"),
            (59_950, "1 min 0 s"),
            (125_000, "2 min 5 s"),
            (3_599_949, "59 min 59 s"),
            (3_720_000, "1 h 2 min"),
        ] {
            assert_eq!(duration(Duration::from_millis(milliseconds)), expected);
        }
        assert_eq!(whole(Duration::from_millis(900)), "0 s");
        assert_eq!(whole(Duration::MAX), format!("{} h {} min", u64::MAX / HOUR, u64::MAX % HOUR / MINUTE));
    }

    #[test]
    fn ages_are_rounded_down() {
        let now = "2026-11-21T10:14:00.500000Z";
        for (then, expected) in [
            ("2026-11-21T10:14:00.500000Z", Some("just now")),
            ("2026-11-21T10:13:00.500001Z", Some("just now")),
            ("2026-11-21T10:13:00.500000Z", Some("1 min ago")),
            ("2026-11-21T09:14:00.500000Z", Some("1 hour ago")),
            ("2026-11-20T10:15:00.000000Z", Some("23 hours ago")),
            ("2026-11-20T10:14:00.000000Z", Some("1 day ago")),
            ("2026-10-22T10:14:00.000000Z", Some("30 days ago")),
            ("2026-10-21T10:14:00.000000Z", Some("1 month ago")),
            ("2025-11-22T10:14:00.000000Z", Some("11 months ago")),
            ("2025-11-21T10:14:00.000000Z", Some("1 year ago")),
            ("2022-11-21T10:14:00.000000Z", Some("4 years ago")),
            // The server's clock was put back.
            ("2026-11-21T10:14:01.000000Z", None),
            ("infinity", None),
            ("", None),
        ] {
            assert_eq!(ago(then, now).as_deref(), expected, "{then}");
            assert!(expected.is_none_or(|age| age.len() <= WIDEST_AGE));
        }
    }
}
