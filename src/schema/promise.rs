//! What a plan promises to leave behind, compared with what it did before it is committed.

use super::catalog::Catalog;
use super::drift::{self, Difference};
use super::expected::Expected;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::plan::{Plan, Step};

/// The objects of the modules that a plan moves, before and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    before: Expected,
    after: Expected,
}

impl Promise {
    /// Returns what a plan promises on a database with this ledger.
    #[must_use]
    pub fn of(bundle: &Bundle, ledger: &Ledger, plan: &Plan<'_>) -> Self {
        let ledger_where = |step: Step<'_>| {
            if plan.steps().contains(&step) { Expected::ledger() } else { Expected::default() }
        };
        let mut promise = Self { before: ledger_where(Step::DropLedger), after: ledger_where(Step::UpgradeLedger) };
        for (module, version) in plan.outcome() {
            promise.before = promise.before.and(Expected::of_module(bundle, module, ledger.version(module)));
            promise.after = promise.after.and(Expected::of_module(bundle, module, version));
        }
        promise
    }

    /// Returns in which way the promise was not kept; empty if it was.
    #[must_use]
    pub fn broken(&self, live: &Catalog) -> Vec<Difference> {
        drift::unmet(&self.before, &self.after, live)
    }

    /// Returns in which way these indexes are not what is promised.
    #[must_use]
    pub fn broken_by(&self, indexes: &[String], live: &Catalog) -> Vec<Difference> {
        let mut broken = self.broken(live);
        broken.retain(|difference| indexes.iter().any(|index| difference.object.is_part_named(index)));
        broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::module::Module;
    use crate::migration::wish::{Depth, Target, Wish};

    fn live(expected: &[&Expected]) -> Catalog {
        let objects = expected.iter().flat_map(|expected| expected.objects());
        objects.map(|(object, definitions)| (object.clone(), definitions[0].clone())).collect()
    }

    #[test]
    fn an_install_promises_its_objects_and_a_rollback_their_absence() {
        let bundle = Bundle::embedded();
        let version = bundle.newest(Module::Base);
        let ledger = Expected::ledger();
        let cache_version = bundle.newest(Module::Cache);
        let base = Expected::of_module(&bundle, Module::Base, version);
        let cache = Expected::of_module(&bundle, Module::Cache, cache_version);

        let install = Wish::Migrate(vec![(Module::Cache, Target::Newest)]);
        let plan = install.plan(&bundle, &Ledger::Absent).unwrap();
        let promise = Promise::of(&bundle, &Ledger::Absent, &plan);
        assert_eq!(promise.broken(&live(&[&ledger, &base, &cache])), []);
        let broken = promise.broken(&live(&[&ledger, &base]));
        assert_eq!(broken.iter().map(ToString::to_string).collect::<Vec<_>>(), ["table pevensie.cache is missing"]);

        let installed = Ledger::assumed(&[(Module::Base, version.unwrap()), (Module::Cache, cache_version.unwrap())]);
        let rollback = Wish::Rollback(vec![(Module::Cache, Depth::To(None))]);
        let plan = rollback.plan(&bundle, &installed).unwrap();
        let promise = Promise::of(&bundle, &installed, &plan);
        assert_eq!(promise.broken(&live(&[&ledger, &base])), []);
        let broken = promise.broken(&live(&[&ledger, &base, &cache]));
        assert_eq!(broken.iter().map(ToString::to_string).collect::<Vec<_>>(), ["table pevensie.cache is obsolete"]);
    }

    #[test]
    fn indexes_that_were_built_before_are_judged_by_themselves() {
        let bundle = Bundle::embedded();
        let cache = Expected::of_module(&bundle, Module::Cache, bundle.newest(Module::Cache));
        let migration = bundle.of(Module::Cache).find(|migration| migration.online.is_some()).unwrap();
        let plan = Plan::of(&[Step::Record(migration)]);
        assert_eq!(plan.built_before(), ["cache_expires_at_idx"]);
        let promise = Promise::of(&bundle, &Ledger::Absent, &plan);
        let found = |without: &str| {
            let rest = cache.objects().filter(|(object, _)| object.identity != without);
            let live = rest.map(|(object, definitions)| (object.clone(), definitions[0].clone())).collect();
            promise.broken_by(&plan.built_before(), &live).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(found("cache.cache_expires_at_idx"), ["index pevensie.cache.cache_expires_at_idx is missing"]);
        assert_eq!(found("cache.value"), [""; 0], "that is another matter");
    }
}
