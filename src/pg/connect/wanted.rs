//! The kind of session that `target_session_attrs` asks for.

use tokio_postgres::{Client, SimpleQueryMessage};

use super::attempt::Candidate;
use super::cause::Cause;
use crate::pg::options::SessionAttrs;

/// What one pass along the hosts is content with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
}

impl Wanted {
    /// Returns the passes that make up what is asked for: a preferred standby is looked for along all hosts first.
    pub(super) const fn passes(attrs: SessionAttrs) -> &'static [Self] {
        match attrs {
            SessionAttrs::Any => &[Self::Any],
            SessionAttrs::ReadWrite => &[Self::ReadWrite],
            SessionAttrs::ReadOnly => &[Self::ReadOnly],
            SessionAttrs::Primary => &[Self::Primary],
            SessionAttrs::Standby => &[Self::Standby],
            SessionAttrs::PreferStandby => &[Self::Standby, Self::Any],
        }
    }

    /// Fails when the session is of another kind.
    pub(super) async fn check(self, session: &Candidate) -> Result<(), Cause> {
        match self {
            Self::ReadWrite if is_read_only(session).await? => Err(Cause::WrongSession("the session is read-only")),
            Self::ReadOnly if !is_read_only(session).await? => Err(Cause::WrongSession("the session is not read-only")),
            Self::Primary if is_standby(session).await? => Err(Cause::WrongSession("the server is a hot standby")),
            Self::Standby if !is_standby(session).await? => Err(Cause::WrongSession("the server is not a hot standby")),
            Self::Any | Self::ReadWrite | Self::ReadOnly | Self::Primary | Self::Standby => Ok(()),
        }
    }
}

// PostgreSQL before 14 and some poolers report neither parameter. These are the statements libpq then sends; they
// are part of connecting, not of what this tool does to a schema, and so not among its SQL files.

async fn is_read_only(session: &Candidate) -> Result<bool, Cause> {
    match (session.default_read_only, session.in_hot_standby) {
        (Some(read_only), Some(standby)) => Ok(read_only || standby),
        (None, _) | (_, None) => Ok(ask(&session.client, "SHOW transaction_read_only").await? == "on"),
    }
}

async fn is_standby(session: &Candidate) -> Result<bool, Cause> {
    match session.in_hot_standby {
        Some(standby) => Ok(standby),
        None => Ok(ask(&session.client, "SELECT pg_catalog.pg_is_in_recovery()").await? == "t"),
    }
}

async fn ask(client: &Client, question: &str) -> Result<String, Cause> {
    let answer = client.simple_query(question).await.map_err(Cause::from_session)?;
    let value = answer.iter().find_map(|message| {
        let SimpleQueryMessage::Row(row) = message else { return None };
        row.get(0)
    });
    Ok(value.unwrap_or_default().to_owned())
}
