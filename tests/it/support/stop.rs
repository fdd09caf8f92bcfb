//! The end of those who go on until they are told to stop.

use std::sync::atomic::{AtomicBool, Ordering};

/// Stops the others when it goes, also with a panic: they would go on for ever, and the scope that waits for them with
/// them.
pub(crate) struct Stop<'a>(pub(crate) &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
