//! The modules of Pevensie.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::version::Version;

/// One of Pevensie's modules; the order is the order of installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Module {
    /// The functions that the other modules are built on.
    Base,
    /// Users, sessions and one-time tokens.
    Auth,
    /// The cache.
    Cache,
}

/// Where a module is: at a version, or not installed.
pub type Level = (Module, Option<Version>);

impl Module {
    /// Every module, in the order of installation.
    pub(crate) const ALL: [Self; 3] = [Self::Base, Self::Auth, Self::Cache];

    /// Returns the name by which people, the ledger and the folders of `sql/` know the module.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Auth => "auth",
            Self::Cache => "cache",
        }
    }

    /// Returns the place in that order, from 0.
    #[must_use]
    pub(crate) const fn rank(self) -> u64 {
        self as u64
    }
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that no module has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no module {0:?}{hint}", hint = did_you_mean(.0))]
pub struct UnknownModule(String);

fn did_you_mean(name: &str) -> String {
    let nearest = Module::ALL.map(|module| (strsim::jaro_winkler(&name.to_lowercase(), module.name()), module));
    match nearest.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((likeness, module)) if likeness > 0.7 => format!("; did you mean {module:?}?", module = module.name()),
        _ => format!("; the modules are {}", Module::ALL.map(Module::name).join(", ")),
    }
}

impl FromStr for Module {
    type Err = UnknownModule;

    fn from_str(name: &str) -> Result<Self, UnknownModule> {
        Self::ALL.into_iter().find(|module| module.name() == name).ok_or_else(|| UnknownModule(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_modules() {
        for module in Module::ALL {
            assert_eq!(module.name().parse(), Ok(module));
        }
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_nearest_or_all() {
        for (name, message) in [
            ("auht", r#"there is no module "auht"; did you mean "auth"?"#),
            ("Cache", r#"there is no module "Cache"; did you mean "cache"?"#),
            ("bse", r#"there is no module "bse"; did you mean "base"?"#),
            ("users", r#"there is no module "users"; the modules are base, auth, cache"#),
            ("", r#"there is no module ""; the modules are base, auth, cache"#),
        ] {
            let said = name.parse::<Module>().unwrap_err().to_string();
            assert!(said.starts_with(message), "{said}");
        }
    }
}
