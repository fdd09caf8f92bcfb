//! From a state to a plan.

use super::error::Error;
use super::state::Facts;
use crate::migration::bundle::Bundle;
use crate::migration::history::{self, Fault};
use crate::migration::ledger::Ledger;
use crate::migration::plan::{Manner, Plan};
use crate::migration::right::Grants;
use crate::migration::role::Role;
use crate::migration::wish::{Circumstances, Wish};
use crate::schema::adoption;
use crate::schema::catalog::Catalog;

/// What a command asks for.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is wanted.
    pub wish: Wish,
    /// Which modules may be adopted on the way.
    pub adoption: Adoption,
    /// How migrations are applied that can be applied online.
    pub manner: Manner,
    /// What the application's role is to have afterwards, where it is named.
    pub grants: Option<Grants>,
}

/// Which modules may be adopted, each after its objects were compared with a known version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// Those that another tool recorded.
    Recorded,
    /// Those, too, whose objects are there without any record.
    Found,
}

impl Request {
    /// Returns the role of which has to be known what it has.
    #[must_use]
    pub fn grantee(&self) -> Option<&Role> {
        self.grants.as_ref().map(|grants| &grants.role)
    }

    /// Says whether the catalog is needed to decide on a database with this ledger.
    #[must_use]
    pub fn needs_catalog(&self, ledger: &Ledger) -> bool {
        match self.wish {
            Wish::Migrate(_) => self.adoption == Adoption::Found || !ledger.of_another_tool().is_empty(),
            Wish::Rollback(_) => false,
        }
    }

    /// Decides what is to be done on such a database and, where it is needed, with this catalog.
    ///
    /// # Errors
    /// When the history is wrong, a module is not what it is to be adopted as, or the wish cannot be fulfilled.
    pub fn plan<'b>(
        &'b self,
        bundle: &'b Bundle,
        facts: &Facts<'_>,
        live: Option<&Catalog>,
    ) -> Result<Plan<'b>, Error> {
        let Facts { ledger, indexes, grantee } = *facts;
        let adoptable = if live.is_some() { ledger.of_another_tool() } else { Vec::new() };
        let mut faults = history::faults(bundle, ledger);
        faults.retain(|fault| match fault {
            Fault::Unrecorded { module, version, .. } => !adoptable.contains(&(*module, *version)),
            Fault::Edited { .. } | Fault::Unknown { .. } | Fault::Contradiction { .. } => true,
        });
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        let adopted = match live {
            Some(live) => self.adopted(bundle, ledger, live)?,
            None => Vec::new(),
        };
        let circumstances = Circumstances { adopted: &adopted, indexes, manner: self.manner };
        let plan = self.wish.plan_in(bundle, ledger, &circumstances)?;
        Ok(match &self.grants {
            Some(grants) => plan.granting(grants, grantee),
            None => plan,
        })
    }

    fn adopted(&self, bundle: &Bundle, ledger: &Ledger, live: &Catalog) -> Result<Vec<adoption::Adopted>, Error> {
        let mut adopted = adoption::of_another_tool(bundle, ledger, live).map_err(Error::NotAdoptable)?;
        if self.adoption == Adoption::Found {
            let found = adoption::found(bundle, ledger, live, &self.wish.modules());
            adopted.extend(found.map_err(Error::NotAdoptable)?);
        }
        Ok(adopted)
    }
}
