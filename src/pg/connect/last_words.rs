//! Why a session ended.

use std::sync::{Arc, OnceLock};

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity};

/// What the server said when it ended the session.
///
/// It may say so while nothing is asked of it, or in answer to a message. To whatever is asked afterwards, the client library
/// knows no better answer than that the connection is closed.
#[derive(Clone, Debug, Default)]
pub struct LastWords(Arc<OnceLock<Arc<Error>>>);

impl LastWords {
    /// Takes note of an error that ends the session, and returns for one that only says that it has ended the one that says
    /// why.
    pub fn heed(&self, error: Error) -> Arc<Error> {
        let error = Arc::new(error);
        if error.is_closed() {
            return self.0.get().cloned().unwrap_or(error);
        }
        if error.as_db_error().is_some_and(|error| !is_refusal(error)) {
            self.0.get_or_init(|| Arc::clone(&error));
        }
        error
    }
}

/// Says whether the server refused a statement, rather than ended the session.
///
/// FATAL and PANIC are the end of a session. A pooler words the loss of its server like that, and nobody knows then what the
/// server has done.
pub fn is_refusal(error: &DbError) -> bool {
    match error.parsed_severity() {
        Some(severity) => severity == Severity::Error,
        // Poolers send no field that no language changes, and speak English.
        None => error.severity() == "ERROR",
    }
}
