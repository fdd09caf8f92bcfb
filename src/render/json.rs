//! The documents of `--json`. Field names are promises: within one `format` they are only ever added to.

mod place;
mod step;

use serde::Serialize;

pub use self::place::{Place, line};
use self::step::MigrationBody;
pub use self::step::{StepBody, steps};
use super::problem::Problem;
use crate::migration::bundle::Bundle;
use crate::migration::grantee::{Excess, Standing};
use crate::migration::history::Fault;
use crate::migration::impact::{self, Effect};
use crate::migration::ledger::{Ledger, Record};
use crate::migration::migration::Migration;
use crate::migration::module::Module;
use crate::migration::plan::Plan;
use crate::migration::right::{Object, Privilege, Right};
use crate::migration::script;
use crate::migration::status::{ModuleStatus, Status, Verdict};
use crate::migration::surroundings::Server;
use crate::migration::version::Version;
use crate::schema::drift::Difference;
use crate::schema::repair;

/// The version of these documents.
const FORMAT: u32 = 1;

/// One document: what every one has, and what its command adds.
#[derive(Debug, Serialize)]
pub struct Document<T> {
    format: u32,
    command: &'static str,
    #[serde(flatten)]
    body: T,
}

/// Writes a document, ended by a line feed.
pub fn write<T: Serialize>(command: &'static str, body: T) -> String {
    let document = Document { format: FORMAT, command, body };
    // Nothing in these types can fail to be JSON: they have string keys and no code of their own that returns errors.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{text}\n")
}

/// Where a command worked.
#[derive(Debug, Serialize)]
pub struct DatabaseBody<'a> {
    /// The database's name.
    name: &'a str,
    /// The role that was connected.
    role: &'a str,
    /// The server's version as it says it itself.
    server_version: &'a str,
}

impl<'a> DatabaseBody<'a> {
    /// Describes a database.
    #[must_use]
    pub fn of(server: &'a Server) -> Self {
        Self { name: &server.database.raw, role: &server.role.raw, server_version: &server.version }
    }
}

/// What `migrate` and `rollback` say.
#[derive(Debug, Serialize)]
pub struct RunBody<'a> {
    database: DatabaseBody<'a>,
    /// Whether the steps were carried out.
    applied: bool,
    steps: Vec<StepBody<'a>>,
    /// The statements, where they were not carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<String>,
}

impl<'a> RunBody<'a> {
    /// Describes a plan that was only printed.
    #[must_use]
    pub fn printed(server: &'a Server, plan: &Plan<'a>, sql: String) -> Self {
        Self { database: DatabaseBody::of(server), applied: false, steps: steps(plan), sql: Some(sql) }
    }

    /// Describes a plan that was carried out.
    #[must_use]
    pub fn applied(server: &'a Server, plan: &Plan<'a>) -> Self {
        Self { database: DatabaseBody::of(server), applied: true, steps: steps(plan), sql: None }
    }
}

/// What `print` says.
#[derive(Debug, Serialize)]
pub struct PrintBody<'a> {
    steps: Vec<StepBody<'a>>,
    /// The statements, where the format is one text.
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<String>,
    /// The files, where it is several.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<FileBody<'a>>>,
}

/// A file for another tool.
#[derive(Debug, Serialize)]
pub struct FileBody<'a> {
    /// Where it is or belongs.
    pub path: &'a str,
    /// Its content, where it was not written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'a str>,
    /// What became of it, where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
}

impl<'a> PrintBody<'a> {
    /// Describes a plan and its text.
    #[must_use]
    pub fn script(plan: &Plan<'a>, sql: String) -> Self {
        Self { steps: steps(plan), sql: Some(sql), files: None }
    }

    /// Describes a plan and its files.
    #[must_use]
    pub fn files(plan: &Plan<'a>, files: Vec<FileBody<'a>>) -> Self {
        Self { steps: steps(plan), sql: None, files: Some(files) }
    }
}

/// What `status` says.
#[derive(Debug, Serialize)]
pub struct StatusBody<'a> {
    database: DatabaseBody<'a>,
    /// Whether `status --check` would exit with 0.
    good: bool,
    /// The shape of the ledger.
    ledger: &'static str,
    modules: Vec<ModuleBody<'a>>,
    faults: Vec<FaultBody<'a>>,
    drift: Vec<DriftBody<'a>>,
    /// The application's role, where somebody asks about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_role: Option<RoleBody<'a>>,
    /// Every migration that this binary carries.
    known: Vec<MigrationBody<'a>>,
    history: &'a [Record],
}

/// What was read of a database.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The server, the role and the schema.
    pub server: &'a Server,
    /// What is recorded.
    pub ledger: &'a Ledger,
    /// The whole log.
    pub history: &'a [Record],
    /// The application's role, where somebody asks about it.
    pub standing: Option<&'a Standing>,
}

#[derive(Debug, Serialize)]
struct ModuleBody<'a> {
    module: Module,
    version: Option<&'a str>,
    name: Option<&'a str>,
    record: Option<&'a Record>,
    pending: Vec<PendingBody<'a>>,
}

#[derive(Debug, Serialize)]
struct PendingBody<'a> {
    #[serde(flatten)]
    migration: MigrationBody<'a>,
    /// What the users of tables will notice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    effects: Vec<Effect>,
}

fn pending<'a>(migrations: &[&'a Migration]) -> Vec<PendingBody<'a>> {
    let body = |(migration, effects)| PendingBody { migration: MigrationBody::of(migration), effects };
    impact::of_pending(migrations).into_iter().map(body).collect()
}

#[derive(Debug, Serialize)]
struct FaultBody<'a> {
    #[serde(flatten)]
    fault: &'a Fault,
    message: String,
    hint: String,
}

#[derive(Debug, Serialize)]
struct DriftBody<'a> {
    #[serde(flatten)]
    difference: &'a Difference,
    /// Statements that would mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

#[derive(Debug, Serialize)]
struct RoleBody<'a> {
    name: &'a str,
    lacks: Vec<LackBody<'a>>,
    too_much: &'a [Excess],
}

#[derive(Debug, Serialize)]
struct LackBody<'a> {
    object: &'a Object,
    privileges: &'a [Privilege],
    /// The statement that would mend it.
    mend: String,
}

impl<'a> RoleBody<'a> {
    fn of(Standing { role, lacks, excess }: &'a Standing) -> Self {
        let lack = |right: &'a Right| LackBody {
            object: &right.object,
            privileges: &right.privileges,
            mend: script::grant(role, right).trim_end().to_owned(),
        };
        Self { name: role.name(), lacks: lacks.iter().map(lack).collect(), too_much: excess }
    }
}

impl<'a> StatusBody<'a> {
    /// Describes a status, what the binary knows, and the whole log.
    #[must_use]
    pub fn of(
        bundle: &'a Bundle,
        Parts { server, ledger, history, standing }: Parts<'a>,
        status: &'a Status<'a>,
        drift: &'a [Difference],
        verdict: Verdict,
    ) -> Self {
        let module = |m: &'a ModuleStatus<'a>| ModuleBody {
            module: m.module,
            version: m.version,
            name: m.migration.map(|migration| migration.name.as_ref()),
            record: m.record,
            pending: pending(&m.pending),
        };
        let fault = |fault: &'a Fault| FaultBody { fault, message: fault.to_string(), hint: fault.hint() };
        let applied = bundle.applied(ledger);
        let drift_body =
            |difference: &'a Difference| DriftBody { difference, mend: repair::statement(&applied, difference, drift) };
        Self {
            database: DatabaseBody::of(server),
            good: verdict == Verdict::Good,
            ledger: match ledger {
                Ledger::Absent => "absent",
                Ledger::Legacy(_) => "legacy",
                Ledger::Current { .. } => "current",
            },
            modules: status.modules.iter().map(module).collect(),
            faults: status.faults.iter().map(fault).collect(),
            drift: drift.iter().map(drift_body).collect(),
            app_role: standing.map(RoleBody::of),
            known: bundle.migrations().iter().map(MigrationBody::of).collect(),
            history,
        }
    }
}

/// What a command says that failed.
#[derive(Debug, Serialize)]
pub struct ErrorBody<'a> {
    /// The exit code.
    pub exit_code: u8,
    /// What went wrong; at least one.
    pub errors: Vec<Problem>,
    /// What was applied before, and stays.
    #[serde(skip_serializing_if = "<[Kept]>::is_empty")]
    pub applied: &'a [Kept],
}

/// A migration that was applied before a command failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    module: Module,
    version: Version,
    name: String,
}

impl Kept {
    /// Describes a migration.
    #[must_use]
    pub fn of(migration: &Migration) -> Self {
        Self { module: migration.module, version: migration.version, name: migration.name.to_string() }
    }
}
