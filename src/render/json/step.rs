//! A plan, step by step.

use serde::Serialize;

use crate::migration::checksum::Checksum;
use crate::migration::impact::{self, Effect};
use crate::migration::ledger::Action;
use crate::migration::migration::Migration;
use crate::migration::module::Module;
use crate::migration::plan::{Manner, Plan, Step};
use crate::migration::right::{Object, Privilege};
use crate::migration::version::Version;

/// A step of a plan.
#[derive(Debug, Serialize)]
pub struct StepBody<'a> {
    action: &'static str,
    #[serde(flatten)]
    migration: Option<MigrationBody<'a>>,
    /// How a migration is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    manner: Option<&'static str>,
    /// What the users of tables notice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    effects: Vec<Effect>,
    /// What is granted to whom.
    #[serde(flatten)]
    grant: Option<GrantBody<'a>>,
}

#[derive(Debug, Serialize)]
struct GrantBody<'a> {
    role: &'a str,
    object: &'a Object,
    privileges: &'a [Privilege],
}

/// Describes every step of a plan.
pub fn steps<'a>(plan: &Plan<'a>) -> Vec<StepBody<'a>> {
    let body = |(step, effects): (Step<'a>, Vec<Effect>)| StepBody {
        action: match step {
            Step::CreateLedger => "create_ledger",
            Step::UpgradeLedger => "upgrade_ledger",
            Step::Adopt(_) => Action::Adopt.name(),
            Step::Up(_) | Step::Online(_) | Step::Record(_) => Action::Up.name(),
            Step::Discard { .. } => "discard_index",
            Step::Down { .. } => Action::Down.name(),
            Step::DropLedger => "drop_ledger",
            Step::Grant { .. } => "grant",
        },
        migration: match step {
            Step::Adopt(migration)
            | Step::Up(migration)
            | Step::Online(migration)
            | Step::Discard { migration, .. }
            | Step::Record(migration)
            | Step::Down { migration, .. } => Some(MigrationBody::of(migration)),
            Step::CreateLedger | Step::UpgradeLedger | Step::DropLedger | Step::Grant { .. } => None,
        },
        manner: match step {
            Step::Up(_) | Step::Discard { manner: Manner::Transaction, .. } => Some("transaction"),
            Step::Online(_) | Step::Discard { manner: Manner::Online, .. } => Some("online"),
            Step::Record(_) => Some("already_built"),
            Step::Adopt(_)
            | Step::Down { .. }
            | Step::CreateLedger
            | Step::UpgradeLedger
            | Step::DropLedger
            | Step::Grant { .. } => None,
        },
        effects,
        grant: step.granted().map(|(role, right)| GrantBody {
            role: role.name(),
            object: &right.object,
            privileges: &right.privileges,
        }),
    };
    impact::of_plan(plan).into_iter().map(body).collect()
}

#[derive(Debug, Serialize)]
pub(super) struct MigrationBody<'a> {
    module: Module,
    version: Version,
    name: &'a str,
    checksum: Checksum,
}

impl<'a> MigrationBody<'a> {
    pub(super) fn of(migration: &'a Migration) -> Self {
        Self {
            module: migration.module,
            version: migration.version,
            name: &migration.name,
            checksum: migration.checksum,
        }
    }
}
