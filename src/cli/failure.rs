//! Why a command failed, as people are told.

use super::exit::Exit;
use crate::migration::ledger::LedgerError;
use crate::migration::refusal::Refusal;
use crate::pg::error::{Error, ServerError};
use crate::pg::lock::Holder;
use crate::render::drift;
use crate::render::problem::Problem;

/// The end of a command that failed.
#[derive(Debug)]
pub enum Failure {
    /// The command line asks for what cannot be.
    Usage(Box<Problem>),
    /// Something about the database.
    Database(Error),
    /// Somebody said no at the prompt.
    Declined,
    /// Anything else, such as a full disk behind stdout.
    Other(anyhow::Error),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Database(error.into())
    }
}

impl Failure {
    /// Refuses a command line.
    #[must_use]
    pub fn usage(message: impl Into<String>, hint: Option<&str>) -> Self {
        Self::Usage(Box::new(Problem::new(message).with_hint(hint)))
    }

    /// Returns the exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Database(error) => Exit::of_error(error),
            Self::Declined => Exit::Interrupted,
            Self::Other(_) => Exit::Failed,
        }
    }

    /// Returns everything there is to say; at least one problem.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        match self {
            Self::Usage(problem) => vec![(**problem).clone()],
            Self::Database(error) => of_error(error),
            Self::Declined => vec![Problem::new("declined; nothing was changed")],
            Self::Other(error) => vec![Problem::new(format!("{error:#}"))],
        }
    }
}

fn of_error(error: &Error) -> Vec<Problem> {
    let problem = Problem::new(error.to_string());
    let one = match error {
        Error::Faults(faults) => {
            return faults.iter().map(|f| Problem::new(f.to_string()).with_hint(Some(f.hint()))).collect();
        }
        Error::Refused(refusals) => {
            return refusals.iter().map(of_refusal).collect();
        }
        Error::NotAdoptable(mismatches) => return drift::mismatches(mismatches),
        Error::Broken(differences) => {
            let hint = "everything was rolled back; nothing was changed";
            return drift::problems(differences).into_iter().chain([problem.with_hint(Some(hint))]).collect();
        }
        Error::Options(error) => problem.with_hint(error.hint()),
        Error::Connect(connect) => problem.with_sqlstate(error.sqlstate()).with_hint(connect.hint()),
        Error::Plan(error) => problem.with_hint(error.hint()),
        Error::Ledger(error) => problem.with_hint(Some(ledger_hint(error))),
        Error::Server(error) => of_server(error),
        Error::Locked { holder, .. } => Problem::new(format!("{error}{}", held_by(holder.as_ref())))
            .with_hint(Some("nothing was changed; run it again, or wait longer with --lock-wait")),
        Error::Lost(_) => problem.with_hint(Some("nothing was changed; run it again")),
        Error::Unknown(_) => {
            problem.with_hint(Some("it is all there or nothing is; see: pevensie-pg status, then run it again"))
        }
        Error::Changed => problem.with_hint(Some("nothing was changed by this run; look and run it again")),
        Error::Interrupted => Problem::new("interrupted; nothing was changed"),
    };
    vec![one]
}

/// Says who holds the migration lock.
#[must_use]
pub fn held_by(holder: Option<&Holder>) -> String {
    let Some(Holder { pid, role, application, since }) = holder else { return String::new() };
    let application = application.as_deref().unwrap_or("a session");
    let role = role.iter().map(|role| format!(", role {role}"));
    let since = since.iter().map(|since| format!("\n  since: {since} UTC"));
    let about: String = role.chain([format!(", process {pid} of the server")]).chain(since).collect();
    format!("\n  held by: {application}{about}")
}

fn of_refusal(refusal: &Refusal) -> Problem {
    Problem::new(refusal.to_string()).with_sqlstate(refusal.sqlstate()).with_hint(Some(refusal.hint()))
}

fn ledger_hint(error: &LedgerError) -> &'static str {
    match error {
        LedgerError::Broken(_) => {
            "something else has this name, or only half of the ledger is there: rename what is not\n\
             Pevensie's, restore what is; nothing is done until then"
        }
        LedgerError::Unreadable | LedgerError::Malformed(_) => {
            "look at pevensie.module_version and pevensie.migration_log"
        }
    }
}

fn of_server(error: &ServerError) -> Problem {
    let detail = error.detail.iter().flat_map(|detail| detail.lines()).map(|line| format!("\n  {line}"));
    let message = format!("{}{}", error.message, detail.collect::<String>());
    Problem {
        message,
        sqlstate: Some(error.sqlstate.clone()),
        location: error.location.clone(),
        hint: Some(
            format!("{}\neverything was rolled back; nothing was changed", server_hint(error)).trim().to_owned(),
        ),
    }
}

fn server_hint(error: &ServerError) -> String {
    match error.sqlstate.as_str() {
        "53100" => "the server's disk is full".to_owned(),
        "55P03" => {
            "another session holds a lock on this table: try again, or wait longer with --lock-timeout".to_owned()
        }
        "57014" => "it took too long: allow more with --statement-timeout".to_owned(),
        "2BP01" => "objects outside this migration depend on it: drop those first".to_owned(),
        "23505" | "42710" | "42P07" => {
            "somebody may have installed it at the same moment: see pevensie-pg status".to_owned()
        }
        _ => error.hint.clone().unwrap_or_default(),
    }
}
