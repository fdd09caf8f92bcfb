//! How long something took.

use std::time::Duration;

/// `12 ms`, `3.4 s`
#[must_use]
pub fn duration(elapsed: Duration) -> String {
    match elapsed.as_millis() {
        milliseconds @ ..1000 => format!("{milliseconds} ms"),
        _ => format!("{:.1} s", elapsed.as_secs_f64()),
    }
}
