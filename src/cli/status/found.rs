//! What is found in a database, and judged.

use super::StatusArgs;
use crate::migration::bundle::Bundle;
use crate::migration::grantee::Standing;
use crate::migration::status::{ModuleStatus, Status, Verdict};
use crate::migration::surroundings::Index;
use crate::pg::look::Survey;
use crate::pg::state::Glimpse;
use crate::schema::drift::{Difference, of_database, without_different};
use crate::schema::rights;
use crate::schema::verdict::{Strictness, verdict};

/// What was found.
pub(super) struct Found<'a> {
    pub(super) bundle: &'a Bundle,
    pub(super) survey: &'a Survey,
    pub(super) status: Status<'a>,
    pub(super) drift: Vec<Difference>,
    pub(super) indexes: Vec<Index>,
    pub(super) standing: Option<Standing>,
    pub(super) strictness: Strictness,
    pub(super) verdict: Verdict,
}

impl<'a> Found<'a> {
    /// Judges what a look at a database has found.
    pub(super) fn of(args: &StatusArgs, bundle: &'a Bundle, survey: &'a Survey) -> Self {
        let Survey { glimpse, live, indexes } = survey;
        let status = Status::of(bundle, &glimpse.ledger, &args.modules);
        let drift = of_database(bundle, &glimpse.ledger, live);
        let indexes = without_different(indexes, &drift);
        let standing = standing(args, bundle, glimpse, &status);
        let strictness = if args.strict { Strictness::Strict } else { Strictness::Lenient };
        let verdict = verdict(&status, &drift, standing.as_ref(), strictness);
        Self { bundle, survey, status, drift, indexes, standing, strictness, verdict }
    }
}

/// Compares what the application's role has with what it needs for the modules that are there.
fn standing(args: &StatusArgs, bundle: &Bundle, glimpse: &Glimpse, status: &Status<'_>) -> Option<Standing> {
    let role = args.app_role.clone()?;
    let level = |module: &ModuleStatus<'_>| (module.module, module.migration.map(|migration| migration.version));
    let levels: Vec<_> = status.modules.iter().map(level).collect();
    let (needed, harmless) = (rights::needed(bundle, &levels), rights::harmless(bundle, &levels));
    Some(glimpse.grantee.as_ref()?.standing(role, &needed, &harmless))
}
