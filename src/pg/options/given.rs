//! What the address, the service file and the environment give, keyword by keyword.

use super::error::OptionsError;
use super::keyword::{Keyword, Known};
use super::left::LEFT;
use super::origin::Origin;
use super::secret::Secret;
use super::{conninfo, service, url};

/// One pair of an address or a service.
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
            Known::Left(_) => None,
        }
    }

    /// Insists that the value is no address itself, as the database's name is to some of libpq's programs, and no further
    /// pair, as in `host= password=…`: it would be shown, with the password in it.
    pub(super) fn is_no_address(&self, origin: &Origin) -> Result<(), OptionsError> {
        let value = self.value.expose();
        let is_address = url::after_scheme(value.trim_start()).is_some() || value.contains("password=");
        if is_address && self.known != Known::Acted(Keyword::Password) {
            return Err(OptionsError::AddressInside { name: self.known.name(), origin: origin.clone() });
        }
        Ok(())
    }
}

/// The value of one keyword and where it was given.
#[derive(Debug, Clone)]
struct Given {
    known: Known,
    value: Secret,
    origin: Origin,
}

/// Everything that was given, each keyword at most once.
#[derive(Debug, Clone)]
pub(super) struct AllGiven(Vec<Given>);

impl AllGiven {
    /// Returns the text of `keyword` and its origin; an empty value is none, as in libpq.
    pub(super) fn get(&self, keyword: Keyword) -> Option<(&str, &Origin)> {
        let given = self.0.iter().find(|given| given.known == Known::Acted(keyword))?;
        Some((given.value.expose(), &given.origin)).filter(|(value, _)| !value.is_empty())
    }

    /// Returns the text of `keyword`.
    pub(super) fn text(&self, keyword: Keyword) -> Option<&str> {
        self.get(keyword).map(|(value, _)| value)
    }

    /// Returns where `keyword` was given.
    pub(super) fn origin(&self, keyword: Keyword) -> Origin {
        self.get(keyword).map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    /// Puts `value` in the place of whatever was given.
    pub(super) fn replace(&mut self, keyword: Keyword, value: Secret, origin: Origin) {
        self.put(Given { known: Known::Acted(keyword), value, origin });
    }

    fn put(&mut self, new: Given) {
        self.0.retain(|given| given.known != new.known);
        self.0.push(new);
    }

    /// Takes a pair, unless it asks for what this tool cannot do.
    fn take(&mut self, pair: Pair, origin: Origin) -> Result<(), OptionsError> {
        pair.is_no_address(&origin)?;
        let Pair { known, value } = pair;
        match known {
            Known::Left(left) if !left.is_harmless(value.expose()) => {
                Err(OptionsError::Unsupported { name: left.name, origin })
            }
            Known::Left(_) | Known::Acted(_) => {
                self.put(Given { known, value, origin });
                Ok(())
            }
        }
    }

    /// Says whether nobody has given it yet; whoever gives it empty wants it empty.
    fn is_open(&self, known: Known) -> bool {
        self.0.iter().all(|given| given.known != known)
    }
}

/// Reads an address, else `DATABASE_URL`, and fills what it leaves open from the service and then from libpq's variables.
pub(super) fn collect(
    address: Option<(&str, Origin)>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<AllGiven, OptionsError> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let (pairs, origin) = match (address, set("DATABASE_URL")) {
        (Some((address, origin)), _) => (pairs(address, &origin)?, origin),
        (None, Some(url)) => (pairs(&url, &Origin::DatabaseUrl)?, Origin::DatabaseUrl),
        (None, None) => {
            let mut names = Keyword::ALL.into_iter().filter(|keyword| keyword.locates_a_database());
            if !names.any(|keyword| keyword.variable().and_then(set).is_some()) {
                return Err(OptionsError::NothingGiven);
            }
            (Vec::new(), Origin::Default)
        }
    };
    let mut all = AllGiven(Vec::new());
    for pair in pairs {
        all.take(pair, origin.clone())?;
    }
    // libpq, too, looks for the service before it looks at the other variables.
    for keyword in [Keyword::Service, Keyword::Servicefile] {
        variable(&mut all, Known::Acted(keyword), keyword.variable(), &set)?;
    }
    if let Some(name) = all.text(Keyword::Service) {
        for (pair, origin) in service::pairs(name, all.text(Keyword::Servicefile), &set)? {
            if all.is_open(pair.known) {
                all.take(pair, origin)?;
            }
        }
    }
    for keyword in Keyword::ALL {
        variable(&mut all, Known::Acted(keyword), keyword.variable(), &set)?;
    }
    for left in &LEFT {
        variable(&mut all, Known::Left(left), left.variable, &set)?;
    }
    Ok(all)
}

fn variable(
    all: &mut AllGiven,
    known: Known,
    name: Option<&'static str>,
    set: &dyn Fn(&str) -> Option<String>,
) -> Result<(), OptionsError> {
    if let Some(name) = name.filter(|_| all.is_open(known))
        && let Some(value) = set(name)
    {
        all.take(Pair { known, value: Secret::new(value) }, Origin::Variable(name))?;
    }
    Ok(())
}

fn pairs(text: &str, origin: &Origin) -> Result<Vec<Pair>, OptionsError> {
    if text.trim().is_empty() {
        return Err(OptionsError::Empty(origin.clone()));
    }
    url::after_scheme(text).map_or_else(|| conninfo::pairs(text, origin), |rest| url::pairs(rest, origin))
}
