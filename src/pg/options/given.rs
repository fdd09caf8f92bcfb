//! What the address and the environment give, keyword by keyword.

use super::error::OptionsError;
use super::keyword::{Keyword, Known, REFUSED};
use super::origin::Origin;
use super::secret::Secret;
use super::{conninfo, url};

/// One pair of an address.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) known: Known,
    pub(super) value: Secret,
}

impl Pair {
    /// Returns the keyword, when it is one this tool acts on.
    pub(super) fn keyword(&self) -> Option<Keyword> {
        match self.known {
            Known::Acted(keyword) => Some(keyword),
            Known::Refused(_) => None,
        }
    }
}

/// The value of one keyword and where it was given.
#[derive(Debug, Clone)]
pub(super) struct Given {
    keyword: Keyword,
    value: Secret,
    origin: Origin,
}

/// Everything that was given, each keyword at most once.
#[derive(Debug, Clone)]
pub(super) struct AllGiven(Vec<Given>);

impl AllGiven {
    /// Returns the text of `keyword` and its origin; an empty value is none, as in libpq.
    pub(super) fn get(&self, keyword: Keyword) -> Option<(&str, Origin)> {
        let given = self.0.iter().find(|given| given.keyword == keyword)?;
        Some((given.value.expose(), given.origin)).filter(|(value, _)| !value.is_empty())
    }

    /// Returns where `keyword` was given.
    pub(super) fn origin(&self, keyword: Keyword) -> Origin {
        self.get(keyword).map_or(Origin::Default, |(_, origin)| origin)
    }

    /// Puts `value` in the place of whatever was given.
    pub(super) fn replace(&mut self, keyword: Keyword, value: Secret, origin: Origin) {
        self.0.retain(|given| given.keyword != keyword);
        self.0.push(Given { keyword, value, origin });
    }
}

/// Reads `--addr`, else `DATABASE_URL`, and fills what it leaves open from libpq's variables.
pub(super) fn collect(addr: Option<&str>, env: &dyn Fn(&str) -> Option<String>) -> Result<AllGiven, OptionsError> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let pairs = match (addr, set("DATABASE_URL")) {
        (Some(addr), _) => pairs(addr, Origin::Address)?,
        (None, Some(url)) => pairs(&url, Origin::DatabaseUrl)?,
        (None, None) => {
            let mut names = Keyword::ALL.into_iter().filter(|keyword| keyword.locates_a_database());
            let located = names.any(|keyword| keyword.variable().and_then(set).is_some());
            if !located && set("PGSERVICE").is_none() {
                return Err(OptionsError::NothingGiven);
            }
            Vec::new()
        }
    };
    let origin = if addr.is_some() { Origin::Address } else { Origin::DatabaseUrl };
    let mut all = AllGiven(Vec::new());
    let mut settled = Vec::new();
    for Pair { known, value } in pairs {
        match known {
            Known::Acted(keyword) => all.replace(keyword, value, origin),
            Known::Refused(refused) if refused.is_harmless(value.expose()) => settled.push(refused.name),
            Known::Refused(refused) => return Err(OptionsError::Unsupported { name: refused.name, origin }),
        }
    }
    for keyword in Keyword::ALL {
        let open = all.0.iter().all(|given| given.keyword != keyword);
        if let Some(variable) = keyword.variable().filter(|_| open)
            && let Some(value) = set(variable)
        {
            all.replace(keyword, Secret::new(value), Origin::Variable(variable));
        }
    }
    for refused in &REFUSED {
        // libpq does not look into a password file either when it has a password.
        let moot =
            settled.contains(&refused.name) || (refused.name == "passfile" && all.get(Keyword::Password).is_some());
        if let Some(variable) = refused.variable.filter(|_| !moot)
            && set(variable).is_some_and(|value| !refused.is_harmless(&value))
        {
            return Err(OptionsError::Unsupported { name: refused.name, origin: Origin::Variable(variable) });
        }
    }
    Ok(all)
}

fn pairs(text: &str, origin: Origin) -> Result<Vec<Pair>, OptionsError> {
    if text.trim().is_empty() {
        return Err(OptionsError::Empty(origin));
    }
    url::after_scheme(text).map_or_else(|| conninfo::pairs(text, origin), |rest| url::pairs(rest, origin))
}
