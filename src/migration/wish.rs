//! Bundle × ledger × wish → plan.

use std::num::NonZeroU32;

use super::bundle::Bundle;
use super::impact;
use super::ledger::Ledger;
use super::migration::Migration;
use super::module::Module;
use super::objects::{self, Kind};
use super::plan::{Manner, Plan, PlanError, Step, Wanted};
use super::surroundings::{Index, IndexState};
use super::version::Version;

/// What somebody wants of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Modules installed up to a version; `base` comes along.
    Migrate(Vec<(Module, Target)>),
    /// Modules rolled back.
    Rollback(Vec<(Module, Depth)>),
}

/// How far forward a module is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To the newest version there is.
    Newest,
    /// To one version; `None` is "nothing installed".
    Exactly(Option<Version>),
}

/// How far back a module is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// So many migrations.
    Steps(NonZeroU32),
    /// Down to one version, which stays; `None` is "nothing installed".
    To(Option<Version>),
}

/// What a plan heeds besides the ledger.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// The modules that are to be adopted first, with the versions they are at.
    pub adopted: &'a [(Module, Version)],
    /// The indexes in the schema.
    pub indexes: &'a [Index],
    /// How migrations are to be applied that can be applied online.
    pub manner: Manner,
}

impl Wish {
    /// Decides what leads from the ledger to the wish, all of it in one transaction.
    ///
    /// Expects a ledger without [faults](super::history::faults).
    pub fn plan<'b>(&self, bundle: &'b Bundle, ledger: &Ledger) -> Result<Plan<'b>, PlanError> {
        self.plan_in(bundle, ledger, &Circumstances::default())
    }

    /// Decides likewise, in the circumstances of a database.
    pub fn plan_in<'b>(
        &self,
        bundle: &'b Bundle,
        ledger: &Ledger,
        circumstances: &Circumstances<'_>,
    ) -> Result<Plan<'b>, PlanError> {
        match self {
            Self::Migrate(targets) => migrate(bundle, ledger, circumstances, targets),
            Self::Rollback(depths) => rollback(bundle, ledger, depths),
        }
    }

    /// Returns the modules named, `base` included where it is implied.
    #[must_use]
    pub fn modules(&self) -> Vec<Module> {
        let mut modules: Vec<Module> = match self {
            Self::Migrate(targets) => with_base(targets).into_iter().map(|(module, _)| module).collect(),
            Self::Rollback(depths) => depths.iter().map(|&(module, _)| module).collect(),
        };
        modules.sort();
        modules
    }
}

fn with_base(targets: &[(Module, Target)]) -> Vec<(Module, Target)> {
    let mut targets = targets.to_vec();
    let something = targets.iter().any(|(_, target)| *target != Target::Exactly(None));
    if something && targets.iter().all(|(module, _)| *module != Module::Base) {
        targets.push((Module::Base, Target::Newest));
    }
    targets
}

/// The version that a wish names must be one that the module has.
fn known(bundle: &Bundle, module: Module, version: Option<Version>) -> Result<(), PlanError> {
    match version {
        Some(version) if bundle.find(module, version).is_none() => Err(PlanError::UnknownVersion {
            module,
            version,
            known: bundle.of(module).map(|migration| migration.version).collect(),
        }),
        _ => Ok(()),
    }
}

fn migrate<'b>(
    bundle: &'b Bundle,
    ledger: &Ledger,
    circumstances: &Circumstances<'_>,
    targets: &[(Module, Target)],
) -> Result<Plan<'b>, PlanError> {
    let others: Vec<Module> =
        targets.iter().filter(|(_, target)| *target != Target::Exactly(None)).map(|&(module, _)| module).collect();
    if targets.contains(&(Module::Base, Target::Exactly(None))) && !others.is_empty() {
        return Err(PlanError::BaseIsMissing { modules: others });
    }
    let found = |module| circumstances.adopted.iter().find(|(found, _)| *found == module).map(|&(_, version)| version);
    let mut up = Vec::new();
    for (module, target) in with_base(targets) {
        let at = ledger.version(module).or(found(module));
        let wanted = match target {
            Target::Newest => bundle.newest(module),
            Target::Exactly(version) => {
                known(bundle, module, version)?;
                version
            }
        };
        match (at, target) {
            (Some(at), Target::Exactly(_)) if Some(at) > wanted => {
                return Err(PlanError::WouldGoBack { module, at, wanted: Wanted(wanted) });
            }
            _ => up.extend(bundle.of(module).filter(|m| Some(m.version) > at && Some(m.version) <= wanted)),
        }
    }
    let is_installed = |module| ledger.has(module) || found(module).is_some();
    // A module that is new is complete before others are upgraded: whoever comes between two batches finds all of it, and
    // it is still new when its indexes are built. All modules need base, and none any other.
    up.sort_by_key(|m| (m.module != Module::Base && is_installed(m.module), m.version, m.module));
    let adopt = |m: &&Migration| found(m.module).is_some_and(|version| m.version <= version);
    let adopt: Vec<&Migration> = bundle.migrations().iter().filter(adopt).collect();
    let mut steps = match ledger {
        _ if up.is_empty() && adopt.is_empty() => Vec::new(),
        Ledger::Absent => vec![Step::CreateLedger, Step::UpgradeLedger],
        Ledger::Legacy(_) => vec![Step::UpgradeLedger],
        Ledger::Current { .. } => Vec::new(),
    };
    steps.extend(adopt.into_iter().map(Step::Adopt));
    steps.extend(
        up.into_iter().flat_map(|m| if is_installed(m.module) { upgrade(m, circumstances) } else { vec![Step::Up(m)] }),
    );
    Ok(Plan { steps })
}

/// Applies a migration to a module that is in use already. What an earlier attempt to do so online has left is heeded.
fn upgrade<'b>(migration: &'b Migration, circumstances: &Circumstances<'_>) -> Vec<Step<'b>> {
    if migration.online.is_none() {
        return vec![Step::Up(migration)];
    }
    let Circumstances { indexes, manner, .. } = *circumstances;
    let apply = match manner {
        Manner::Transaction => Step::Up(migration),
        Manner::Online => Step::Online(migration),
    };
    match Index::state_of(migration, indexes) {
        None => vec![apply],
        Some(IndexState::Complete) => vec![Step::Record(migration)],
        Some(IndexState::Unfinished | IndexState::BeingBuilt) => vec![Step::Discard { migration, manner }, apply],
    }
}

fn rollback<'b>(bundle: &'b Bundle, ledger: &Ledger, depths: &[(Module, Depth)]) -> Result<Plan<'b>, PlanError> {
    let mut down: Vec<&Migration> = Vec::new();
    let mut removed = Vec::new();
    for &(module, depth) in depths {
        let at = ledger.version(module);
        let applied: Vec<&Migration> = bundle.of(module).filter(|m| Some(m.version) <= at).collect();
        let keep = match depth {
            Depth::Steps(steps) => applied.len().checked_sub(steps.get() as usize).ok_or(PlanError::TooManySteps {
                module,
                steps: steps.get(),
                applied: applied.len(),
            })?,
            Depth::To(version) => {
                known(bundle, module, version)?;
                if let Some(wanted) = version.filter(|_| version > at) {
                    return Err(PlanError::WouldGoForward { module, at, wanted });
                }
                applied.iter().take_while(|m| Some(m.version) <= version).count()
            }
        };
        down.extend(&applied[keep..]);
        if keep == 0 {
            removed.push(module);
        }
    }
    let remaining: Vec<Module> = Module::ALL.into_iter().filter(|m| ledger.has(*m) && !removed.contains(m)).collect();
    if removed.contains(&Module::Base) && !remaining.is_empty() {
        return Err(PlanError::BaseIsNeeded { modules: remaining });
    }
    down.sort_by_key(|m| std::cmp::Reverse((m.version, m.module)));
    let (mut steps, mut dropped) = (Vec::new(), Vec::new());
    for migration in down.into_iter().rev() {
        let (previous, with_table) = (bundle.previous(migration), impact::is_about(migration, &dropped));
        steps.push(Step::Down { migration, previous, with_table });
        let tables = objects::dropped(&migration.down).into_iter().filter(|object| object.kind == Kind::Table);
        dropped.extend(tables.map(|table| table.name));
    }
    steps.reverse();
    if !steps.is_empty() && remaining.is_empty() {
        steps.push(Step::DropLedger);
    }
    Ok(Plan { steps })
}

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(super) mod tests;
