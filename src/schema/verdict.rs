//! Ledger, schema and role → the verdict.

use super::drift::Difference;
use crate::migration::grantee::Standing;
use crate::migration::status::{Status, Verdict};

/// What counts against a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// What the driver cannot work with.
    Lenient,
    /// That, and what somebody added.
    Strict,
}

impl Strictness {
    /// Says whether a difference counts.
    #[must_use]
    pub fn minds(self, difference: &Difference) -> bool {
        self == Self::Strict || difference.is_harmful()
    }

    fn minds_standing(self, Standing { lacks, excess, .. }: &Standing) -> bool {
        !lacks.is_empty() || self == Self::Strict && !excess.is_empty()
    }
}

/// Returns the verdict on a database: the one on its history and what is pending, and at least that it has drifted where
/// something counts against its schema or the application's role.
#[must_use]
pub fn verdict(
    status: &Status<'_>,
    drift: &[Difference],
    standing: Option<&Standing>,
    strictness: Strictness,
) -> Verdict {
    let is_drifted = drift.iter().any(|difference| strictness.minds(difference))
        || standing.is_some_and(|standing| strictness.minds_standing(standing));
    status.verdict().max(if is_drifted { Verdict::Drifted } else { Verdict::Good })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::bundle::Bundle;
    use crate::migration::grantee::Excess;
    use crate::migration::ledger::Ledger;
    use crate::migration::module::Module;
    use crate::migration::role::Role;
    use crate::schema::catalog::Object;
    use crate::schema::drift::Change;

    #[test]
    fn what_is_extra_counts_where_one_is_strict() {
        use Strictness::{Lenient, Strict};
        use Verdict::{Drifted, Faulty, Good, Pending};
        let bundle = Bundle::embedded();
        let ledger = Ledger::assumed(&Module::ALL.map(|module| (module, bundle.newest(module).unwrap())));
        let unrecorded = Status::of(&bundle, &ledger, &[]);
        let newest = Status { faults: Vec::new(), ..unrecorded.clone() };
        let nothing = Status::of(&bundle, &Ledger::Absent, &[]);
        let object = Object { kind: "table".to_owned(), identity: "cache".to_owned() };
        let missing = [Difference { object: object.clone(), change: Change::Missing { expected: String::new() } }];
        let extra = [Difference { object, change: Change::Extra { found: String::new() } }];
        let role = "app".parse::<Role>().unwrap();
        let excess = Standing { role, lacks: Vec::new(), excess: vec![Excess::Superuser] };
        for (status, drift, standing, strictness, expected) in [
            (&newest, &[][..], None, Strict, Good),
            (&newest, &extra, Some(&excess), Lenient, Good),
            (&newest, &extra, None, Strict, Drifted),
            (&newest, &[], Some(&excess), Strict, Drifted),
            (&newest, &[extra[0].clone(), missing[0].clone()], None, Lenient, Drifted),
            (&nothing, &[], None, Strict, Pending),
            (&nothing, &missing, None, Lenient, Drifted),
            (&unrecorded, &missing, None, Lenient, Faulty),
        ] {
            let found = verdict(status, drift, standing, strictness);
            assert_eq!(found, expected, "{status:?} {drift:?} {standing:?} {strictness:?}");
        }
    }
}
