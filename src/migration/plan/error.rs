//! Why there is no plan.

use crate::migration::module::Module;
use crate::migration::version::Version;

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
            Self::UnknownVersion { .. } | Self::TooManySteps { applied: 0, .. } => None,
            Self::TooManySteps { module, .. } => {
                Some(format!("to remove all of it, run: pevensie-pg rollback {module}@0"))
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_says_what_is_the_case_and_what_helps() {
        let (module, version) = (Module::Auth, "20241222140532".parse::<Version>().unwrap());
        let too_many = |applied| PlanError::TooManySteps { module, steps: 3, applied };
        let all = Some("to remove all of it, run: pevensie-pg rollback auth@0");
        for (error, message, hint) in [
            (too_many(0), "auth is not installed; there is nothing to roll back", None),
            (too_many(1), "auth has 1 migration to roll back, not 3", all),
            (too_many(2), "auth has 2 migrations to roll back, not 3", all),
            (
                PlanError::BaseIsMissing { modules: vec![module] },
                "auth needs base, which is to stay out (base@0)",
                Some("leave base out of the command: it comes along by itself"),
            ),
            (
                PlanError::BaseIsNeeded { modules: vec![module, Module::Cache] },
                "base is needed by auth and cache",
                Some("to remove everything, run: pevensie-pg rollback base@0 auth@0 cache@0"),
            ),
        ] {
            assert_eq!((error.to_string().as_str(), error.hint().as_deref()), (message, hint));
        }
        let back = PlanError::WouldGoBack { module, at: version, wanted: Wanted(None) };
        assert_eq!(back.hint().as_deref(), Some("to go back, run: pevensie-pg rollback auth@0"));
        let forward = PlanError::WouldGoForward { module, at: None, wanted: version };
        assert_eq!(forward.hint().as_deref(), Some("to go forward, run: pevensie-pg migrate auth@20241222140532"));
    }
}
