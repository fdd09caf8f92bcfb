//! Why something failed, as people are told.

use super::obstacle;
use crate::migration::ledger::LedgerError;
use crate::pg::apply::Stopped;
use crate::pg::error::{Error, NoSession, ServerError};
use crate::render::drift;
use crate::render::json::AppliedBefore;
use crate::render::problem::Problem;

/// What a command leaves behind that was stopped on its way.
#[derive(Debug, Default)]
pub struct Remains {
    /// The migrations that were applied before, and stay.
    pub applied_before: Vec<AppliedBefore>,
    /// An index that could neither be finished nor dropped.
    pub unfinished: Option<String>,
    /// Where a rehearsal was stopped.
    pub rehearsed: Option<String>,
}

impl Remains {
    /// Returns why a run was stopped, and what it leaves.
    #[must_use]
    pub fn of(stopped: Stopped<'_>) -> (Error, Self) {
        let applied_before = stopped.applied_before().map(AppliedBefore::of).collect();
        (stopped.error, Self { applied_before, unfinished: stopped.unfinished, rehearsed: None })
    }

    /// Says what became of the rest.
    fn nothing_else(&self) -> String {
        if self.rehearsed.is_some() {
            return "only the scratch database was changed".to_owned();
        }
        match self.applied_before.len() {
            0 => "nothing was changed".to_owned(),
            1 => "the migration applied before it stays".to_owned(),
            count => format!("the {count} migrations applied before it stay"),
        }
    }

    /// Says what became of the rest, where something was begun.
    fn rolled_back(&self) -> String {
        // An index that is built by itself is no transaction.
        if self.unfinished.is_some() {
            return self.nothing_else();
        }
        if let Some(place) = &self.rehearsed {
            return format!("it happened {place};\n{}", self.nothing_else());
        }
        let what = if self.applied_before.is_empty() { "everything" } else { "this step" };
        format!("{what} was rolled back; {}", self.nothing_else())
    }
}

fn unfinished(index: &str) -> Problem {
    Problem::new(format!("index pevensie.{index} may be left unfinished: it serves no read and costs every write"))
        .with_hint(Some("the next migrate --apply drops it and builds it anew"))
}

/// Returns everything there is to say of an error; at least one problem.
#[must_use]
pub fn problems(error: &Error, remains: &Remains) -> Vec<Problem> {
    of_error(error, remains).into_iter().chain(remains.unfinished.as_deref().map(unfinished)).collect()
}

fn of_error(error: &Error, remains: &Remains) -> Vec<Problem> {
    let problem = Problem::new(error.to_string());
    let unchanged = remains.nothing_else();
    let one = match error {
        Error::Faults(faults) => return faults.iter().map(Problem::from).collect(),
        Error::Refused(refusals) => return refusals.iter().map(Problem::from).collect(),
        Error::NotAdoptable(mismatches) => return drift::mismatches(mismatches),
        Error::Broken(differences) | Error::OtherIndex(differences) | Error::Different(differences) => {
            let left = if matches!(error, Error::OtherIndex(_)) { unchanged } else { remains.rolled_back() };
            let mend = match remains.rehearsed {
                None => "\nwhat mends the schema: pevensie-pg status --check",
                Some(_) => "",
            };
            let problem = problem.with_hint(Some(left + mend));
            return drift::problems(differences).into_iter().chain([problem]).collect();
        }
        Error::Misrecorded { .. } => problem.with_hint(Some(remains.rolled_back())),
        Error::Scratch(error) => problem.with_hint(Some(error.hint())),
        Error::Options(error) => problem.with_hint(error.hint()),
        Error::Connect(connect) => problem.with_sqlstate(error.sqlstate()).with_hint(connect.hint()),
        #[cfg(feature = "deadpool")]
        Error::Pool(pool) => problem.with_sqlstate(error.sqlstate()).with_hint(pool.hint()),
        Error::Plan(error) => problem.with_hint(error.hint()),
        Error::Ledger(error) => problem.with_hint(Some(ledger_hint(error))),
        Error::Server(error) => of_server(error, remains),
        Error::Locked { holder, .. } => Problem::new(format!("{error}{}", obstacle::held_by(holder.as_deref())))
            .with_hint(Some(format!("{unchanged}; run it again, or wait longer with --lock-wait"))),
        Error::BeingBuilt { .. } => problem.with_hint(Some(format!(
            "{unchanged}\nan earlier run may have lost its connection while the server goes on:\n\
             run it again later, or wait longer with --lock-wait"
        ))),
        Error::Overdue { blockers, .. } => Problem::new(format!("{error}{}", obstacle::blocked_by(blockers)))
            .with_hint(Some(format!("{unchanged}\nend those transactions, or wait longer with --lock-wait"))),
        Error::NoSecondSession(why) => {
            let helps = match &**why {
                NoSession::Refused(_) | NoSession::Silent => {
                    "connect to the server itself where a pooler has no connection left"
                }
                #[cfg(feature = "deadpool")]
                NoSession::NotLent(error) => error.hint().unwrap_or("let the server have room for two sessions"),
            };
            // The first line is no place for the code: what it belongs to comes after that.
            Problem::new(with_code(error)).with_sqlstate(error.sqlstate()).with_hint(Some(format!(
                "{unchanged}\n{helps},\n\
                 or build the index in the transaction, where it blocks writes:\n--single-transaction"
            )))
        }
        Error::Lost { .. } => {
            problem.with_sqlstate(error.sqlstate()).with_hint(Some(format!("{unchanged}; run it again")))
        }
        Error::Unknown(_) => {
            problem.with_hint(Some("it is all there or nothing is; see: pevensie-pg status, then run it again"))
        }
        Error::Changed => problem.with_hint(Some("nothing was changed by this run; look and run it again")),
        Error::Interrupted if remains.applied_before.is_empty() => Problem::new(format!("interrupted; {unchanged}")),
        Error::Interrupted => {
            Problem::new(format!("interrupted; {unchanged}")).with_hint(Some("run it again to go on"))
        }
    };
    vec![one]
}

fn with_code(error: &Error) -> String {
    let message = error.to_string();
    let code = error.sqlstate().map(|code| format!("({code})")).filter(|code| !message.contains(code));
    code.map_or_else(|| message.clone(), |code| format!("{message} {code}"))
}

fn ledger_hint(error: &LedgerError) -> &'static str {
    match error {
        LedgerError::Broken(_) => {
            "something else has this name, or only half of the ledger is there: rename\n\
             what is not Pevensie's, restore what is; nothing is done until then"
        }
        LedgerError::Changing => "run it again when the other migrator is done",
        LedgerError::Unreadable | LedgerError::Malformed(_) => {
            "look at pevensie.module_version and pevensie.migration_log"
        }
    }
}

fn of_server(error: &ServerError, remains: &Remains) -> Problem {
    let detail = error.detail.iter().flat_map(|detail| detail.lines()).map(|line| format!("\n  {line}"));
    let message = format!("{}{}{}", error.message, detail.collect::<String>(), obstacle::blocked_by(&error.blockers));
    Problem {
        message,
        sqlstate: Some(error.sqlstate.clone()),
        location: error.location.clone(),
        hint: Some(format!("{}\n{}", server_hint(error), remains.rolled_back()).trim().to_owned()),
    }
}

fn server_hint(error: &ServerError) -> String {
    match error.sqlstate.as_str() {
        "53100" => "the server's disk is full".to_owned(),
        "55P03" => "another session holds a lock on this table:\ntry again, or wait longer with --lock-wait".to_owned(),
        "57014" => "it took too long, or somebody cancelled it: see --statement-timeout".to_owned(),
        "2BP01" => "objects outside this migration depend on it: drop those first".to_owned(),
        "23505" | "42710" | "42P07" => {
            "somebody may have installed it at the same moment: see pevensie-pg status".to_owned()
        }
        _ => error.hint.clone().unwrap_or_default(),
    }
}
