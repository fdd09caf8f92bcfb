//! What will be done, step by step.

mod error;

use super::grantee::Grantee;
use super::migration::{Direction, Migration};
use super::module::Level;
use super::right::{Grants, Right};
use super::role::Role;
pub use error::{PlanError, Wanted};

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
        previous: Option<&'b Migration>,
        /// Whether all that its script would change goes with a table that a later step drops, so that it is not run.
        with_table: bool,
    },
    /// Removes the ledger, and the schema if nothing else is in it.
    DropLedger,
    /// Grants the application's role what it lacks on one object.
    Grant {
        /// The role.
        role: &'b Role,
        /// What it gets.
        right: &'b Right,
    },
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
            Self::CreateLedger
            | Self::UpgradeLedger
            | Self::Adopt(_)
            | Self::Discard { .. }
            | Self::DropLedger
            | Self::Grant { .. } => None,
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

    /// Returns the right that this step grants.
    #[must_use]
    pub fn granted(&self) -> Option<(&'b Role, &'b Right)> {
        if let Self::Grant { role, right } = *self { Some((role, right)) } else { None }
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
            | Self::DropLedger
            | Self::Grant { .. } => Manner::Transaction,
        }
    }
}

/// The steps of a run, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan<'b> {
    pub(super) steps: Vec<Step<'b>>,
}

impl<'b> Plan<'b> {
    /// Makes a plan of any steps.
    #[cfg(test)]
    pub(crate) fn of(steps: &[Step<'b>]) -> Self {
        Self { steps: steps.to_vec() }
    }

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

    /// Cuts the plan into batches: all steps up to the next one that runs outside a transaction, and that one by itself.
    /// What is granted at the end belongs to the last batch.
    #[must_use]
    pub fn batches(&self) -> Vec<Batch<'b>> {
        let mut batches: Vec<Batch<'b>> = Vec::new();
        for step in &self.steps {
            let manner = step.manner();
            match batches.last_mut() {
                Some(batch) if step.granted().is_some() || batch.manner == manner && !batch.is_complete() => {
                    batch.plan.steps.push(*step);
                }
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

    /// Grants at the end what a role lacks; all of it where nobody has looked at what the role has.
    #[must_use]
    pub fn granting(mut self, grants: &'b Grants, grantee: Option<&Grantee>) -> Self {
        let lacking = grants.rights.iter().filter(|right| grantee.is_none_or(|grantee| grantee.lacks(right)));
        self.steps.extend(lacking.map(|right| Step::Grant { role: &grants.role, right }));
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
            | Step::DropLedger
            | Step::Grant { .. } => None,
        })
    }

    /// Returns the names of the indexes that are there already, so that their migrations are only recorded.
    #[must_use]
    pub fn built_before(&self) -> Vec<String> {
        self.steps.iter().filter_map(Step::recorded).filter_map(Migration::index).collect()
    }

    /// Returns what is granted to whom, in order.
    pub fn granted(&self) -> impl Iterator<Item = (&'b Role, &'b Right)> + '_ {
        self.steps.iter().filter_map(Step::granted)
    }

    /// Returns the version of each module that the plan moves, as it is afterwards.
    #[must_use]
    pub fn outcome(&self) -> Vec<Level> {
        let mut outcome: Vec<Level> = Vec::new();
        for step in &self.steps {
            let (module, version) = match *step {
                Step::Up(migration) | Step::Online(migration) | Step::Record(migration) | Step::Adopt(migration) => {
                    (migration.module, Some(migration.version))
                }
                Step::Down { migration, previous, .. } => (migration.module, previous.map(|left| left.version)),
                Step::CreateLedger
                | Step::UpgradeLedger
                | Step::Discard { .. }
                | Step::DropLedger
                | Step::Grant { .. } => continue,
            };
            outcome.retain(|(earlier, _)| *earlier != module);
            outcome.push((module, version));
        }
        outcome
    }
}

/// Steps that are carried out together: all of them are recorded and committed, or none.
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

#[cfg(test)]
mod tests;
