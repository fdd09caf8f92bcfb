//! A status, with what the binary knows and the whole log.

use serde::Serialize;

use super::DatabaseBody;
use super::step::MigrationBody;
use crate::migration::bundle::Bundle;
use crate::migration::grantee::{Excess, Standing};
use crate::migration::history::Fault;
use crate::migration::impact::{self, Effect};
use crate::migration::ledger::{Ledger, Record};
use crate::migration::migration::Migration;
use crate::migration::module::Module;
use crate::migration::right::{Object, Privilege, Right};
use crate::migration::script;
use crate::migration::status::{ModuleStatus, Status, Verdict};
use crate::migration::surroundings::{Index, IndexState, Server};
use crate::schema::drift::Difference;
use crate::schema::repair::{self, Mend};

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
    /// The indexes that no constraint owns.
    pub indexes: &'a [Index],
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
    /// How far its index is, where an earlier attempt has begun it.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<&'static str>,
}

fn pending<'a>(migrations: &[&'a Migration], indexes: &[Index]) -> Vec<PendingBody<'a>> {
    let body = |(migration, effects)| {
        let state = Index::state_of(migration, indexes);
        PendingBody {
            migration: MigrationBody::of(migration),
            // What only wants its record is noticed by nobody.
            effects: if state == Some(IndexState::Complete) { Vec::new() } else { effects },
            index: state.map(|state| match state {
                IndexState::Complete => "built",
                IndexState::Unfinished => "unfinished",
                IndexState::BeingBuilt => "being_built",
            }),
        }
    };
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
        Parts { server, ledger, history, indexes, standing }: Parts<'a>,
        status: &'a Status<'a>,
        drift: &'a [Difference],
        verdict: Verdict,
    ) -> Self {
        let module = |m: &'a ModuleStatus<'a>| ModuleBody {
            module: m.module,
            version: m.version,
            name: m.migration.map(|migration| migration.name.as_ref()),
            record: m.record,
            pending: pending(&m.pending, indexes),
        };
        let fault = |fault: &'a Fault| FaultBody { fault, message: fault.to_string(), hint: fault.hint() };
        let applied = bundle.applied(ledger);
        let drift_body = |difference: &'a Difference| {
            let mend = match repair::mend(&applied, difference, drift) {
                Some(Mend::Statements(sql)) => Some(sql),
                Some(Mend::ByHand(_)) | None => None,
            };
            DriftBody { difference, mend }
        };
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
