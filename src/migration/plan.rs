//! What will be done, step by step.

use super::migration::{Direction, Migration};
use super::module::Module;
use super::version::Version;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'b> {
    /// Creates the schema and upstream's part of the ledger.
    CreateLedger,
    /// Adds this tool's part to the ledger.
    UpgradeLedger,
    /// Records a migration whose objects are there already and were found to be right.
    Adopt(&'b Migration),
    /// Applies a migration.
    Up(&'b Migration),
    /// Applies a migration by the statement that blocks nobody, which runs outside a transaction.
    Online(&'b Migration),
    /// Drops the unfinished index that an earlier attempt at a migration has left behind.
    Discard {
        /// The migration that builds the index.
        migration: &'b Migration,
        /// How it is going to be applied.
        manner: Manner,
    },
    /// Records a migration whose index an earlier attempt has built to the end.
    Record(&'b Migration),
    /// Rolls a migration back.
    Down {
        /// The migration that goes.
        migration: &'b Migration,
        /// The migration that its module is at afterwards.
        leaves: Option<&'b Migration>,
    },
    /// Removes the ledger, and the schema if nothing else is in it.
    DropLedger,
}

/// How a migration is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// In a transaction together with others.
    #[default]
    Transaction,
    /// By a statement of its own that blocks nobody, where it has one and its module is installed already.
    Online,
}

impl<'b> Step<'b> {
    /// Returns the migration that this step applies or rolls back.
    #[must_use]
    pub fn migration(&self) -> Option<(&'b Migration, Direction)> {
        match *self {
            Self::Up(migration) | Self::Online(migration) | Self::Record(migration) => Some((migration, Direction::Up)),
            Self::Down { migration, .. } => Some((migration, Direction::Down)),
            Self::CreateLedger | Self::UpgradeLedger | Self::Adopt(_) | Self::Discard { .. } | Self::DropLedger => None,
        }
    }

    /// Returns the migration whose index an earlier attempt has built to the end.
    #[must_use]
    pub fn recorded(&self) -> Option<&'b Migration> {
        if let Self::Record(migration) = *self { Some(migration) } else { None }
    }

    /// Returns the migration whose unfinished index this step drops.
    #[must_use]
    pub fn discarded(&self) -> Option<&'b Migration> {
        if let Self::Discard { migration, .. } = *self { Some(migration) } else { None }
    }

    /// Says whether this step, or a part of it, runs outside a transaction.
    #[must_use]
    pub fn manner(&self) -> Manner {
        match *self {
            Self::Online(_) => Manner::Online,
            Self::Discard { manner, .. } => manner,
            Self::CreateLedger
            | Self::UpgradeLedger
            | Self::Adopt(_)
            | Self::Up(_)
            | Self::Record(_)
            | Self::Down { .. }
            | Self::DropLedger => Manner::Transaction,
        }
    }
}

/// The steps of a run, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan<'b> {
    pub(super) steps: Vec<Step<'b>>,
}

impl<'b> Plan<'b> {
    /// Returns the steps in the order in which they are done.
    #[must_use]
    pub fn steps(&self) -> &[Step<'b>] {
        &self.steps
    }

    /// Says whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Cuts the plan into what is carried out in one piece each: all steps up to the next one that runs outside a
    /// transaction, and that one by itself.
    #[must_use]
    pub fn batches(&self) -> Vec<Batch<'b>> {
        let mut batches: Vec<Batch<'b>> = Vec::new();
        for step in &self.steps {
            let manner = step.manner();
            match batches.last_mut() {
                Some(batch) if batch.manner == manner && !batch.is_complete() => batch.plan.steps.push(*step),
                _ => batches.push(Batch { manner, plan: Plan { steps: vec![*step] } }),
            }
        }
        batches
    }

    /// Applies these migrations online.
    #[must_use]
    pub fn online_where(mut self, is_online: impl Fn(&Migration) -> bool) -> Self {
        for step in &mut self.steps {
            if let Step::Up(migration) = *step
                && is_online(migration)
            {
                *step = Step::Online(migration);
            }
        }
        self
    }

    /// Takes over the steps of another plan, to be done after these.
    pub fn extend(&mut self, other: &Self) {
        self.steps.extend(&other.steps);
    }

    /// Returns the migrations that are applied or rolled back, in order.
    pub fn migrations(&self) -> impl Iterator<Item = (&'b Migration, Direction)> + '_ {
        self.steps.iter().filter_map(Step::migration)
    }

    /// Returns the migrations that are adopted, in order.
    pub fn adopted(&self) -> impl Iterator<Item = &'b Migration> + '_ {
        self.steps.iter().filter_map(|step| match *step {
            Step::Adopt(migration) => Some(migration),
            Step::CreateLedger
            | Step::UpgradeLedger
            | Step::Up(_)
            | Step::Online(_)
            | Step::Discard { .. }
            | Step::Record(_)
            | Step::Down { .. }
            | Step::DropLedger => None,
        })
    }

    /// Returns the version of each module that the plan moves, as it is afterwards.
    #[must_use]
    pub fn outcome(&self) -> Vec<(Module, Option<Version>)> {
        let mut outcome: Vec<(Module, Option<Version>)> = Vec::new();
        for step in &self.steps {
            let (module, version) = match *step {
                Step::Up(migration) | Step::Online(migration) | Step::Record(migration) | Step::Adopt(migration) => {
                    (migration.module, Some(migration.version))
                }
                Step::Down { migration, leaves } => (migration.module, leaves.map(|left| left.version)),
                Step::CreateLedger | Step::UpgradeLedger | Step::Discard { .. } | Step::DropLedger => continue,
            };
            outcome.retain(|(earlier, _)| *earlier != module);
            outcome.push((module, version));
        }
        outcome
    }
}

/// Steps that are carried out in one piece: all of them are recorded and committed, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch<'b> {
    /// Whether it begins with a statement outside a transaction.
    pub manner: Manner,
    /// The steps.
    pub plan: Plan<'b>,
}

impl<'b> Batch<'b> {
    /// Returns the migration that is applied by a statement of its own.
    #[must_use]
    pub fn online(&self) -> Option<&'b Migration> {
        self.plan.steps.iter().find_map(|step| if let Step::Online(migration) = *step { Some(migration) } else { None })
    }

    /// Says whether nothing can be added: one statement outside a transaction is enough.
    fn is_complete(&self) -> bool {
        self.online().is_some()
    }
}

/// A wish that cannot be fulfilled on this database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The version is none of the module's.
    #[error("{module} has no version {version}; it has {known}", known = list(known))]
    UnknownVersion {
        /// The module.
        module: Module,
        /// The version asked for.
        version: Version,
        /// The versions that there are.
        known: Vec<Version>,
    },
    /// `migrate` was asked to go back.
    #[error("{module} is at {at}, which is after {wanted}; migrate never goes back")]
    WouldGoBack {
        /// The module.
        module: Module,
        /// The version it is at.
        at: Version,
        /// The version asked for.
        wanted: Wanted,
    },
    /// `rollback` was asked to go forward.
    #[error("{module} is at {at}, which is before {wanted}; rollback never goes forward", at = Wanted(*at))]
    WouldGoForward {
        /// The module.
        module: Module,
        /// The version it is at.
        at: Option<Version>,
        /// The version asked for.
        wanted: Version,
    },
    /// `rollback` was asked for more migrations than are applied.
    #[error("{module} {has}", has = how_many(*applied, *steps))]
    TooManySteps {
        /// The module.
        module: Module,
        /// The steps asked for.
        steps: u32,
        /// The migrations that are applied.
        applied: usize,
    },
    /// `migrate` was asked for modules without `base`.
    #[error("{modules} need{s} base, which is to stay out (base@0)",
        modules = names(modules), s = if modules.len() == 1 { "s" } else { "" })]
    BaseIsMissing {
        /// The modules that need it.
        modules: Vec<Module>,
    },
    /// `rollback` was asked to remove `base` from under other modules.
    #[error("base is needed by {modules}", modules = names(modules))]
    BaseIsNeeded {
        /// The modules that need it.
        modules: Vec<Module>,
    },
}

/// A version asked for; `0` stands for "nothing installed".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted(pub Option<Version>);

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(version) => version.fmt(f),
            None => f.write_str("0 (nothing installed)"),
        }
    }
}

fn how_many(applied: usize, steps: u32) -> String {
    match applied {
        0 => "is not installed; there is nothing to roll back".to_owned(),
        1 => format!("has 1 migration to roll back, not {steps}"),
        _ => format!("has {applied} migrations to roll back, not {steps}"),
    }
}

fn names(modules: &[Module]) -> String {
    modules.iter().map(|module| module.name()).collect::<Vec<_>>().join(" and ")
}

fn list(versions: &[Version]) -> String {
    versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl PlanError {
    /// Returns the command that helps.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownVersion { .. } | Self::TooManySteps { .. } => None,
            Self::WouldGoBack { module, wanted, .. } => {
                let version = wanted.0.map_or_else(|| "0".to_owned(), |version| version.to_string());
                Some(format!("to go back, run: pevensie-pg rollback {module}@{version}"))
            }
            Self::WouldGoForward { module, wanted, .. } => {
                Some(format!("to go forward, run: pevensie-pg migrate {module}@{wanted}"))
            }
            Self::BaseIsMissing { .. } => Some("leave base out of the command: it comes along by itself".to_owned()),
            Self::BaseIsNeeded { modules } => {
                let modules = modules.iter().map(|m| format!("{m}@0")).collect::<Vec<_>>().join(" ");
                Some(format!("to remove everything, run: pevensie-pg rollback base@0 {modules}"))
            }
        }
    }
}
