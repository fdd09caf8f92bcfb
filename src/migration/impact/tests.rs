//! The effects of statements, and of the plans they are in.

use super::*;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::wish::{Depth, Target, Wish};

fn words(effects: &[Effect]) -> String {
    effects.iter().map(|effect| format!("{:?} {}", effect.impact, effect.table)).collect::<Vec<_>>().join(", ")
}

#[test]
fn each_statement_has_the_effect_of_its_lock() {
    let bundle = Bundle::embedded();
    let migration = &bundle.migrations()[0];
    for (sql, expected) in [
        ("create index a on pevensie.session (id)", "BlocksWrites session"),
        ("create unique index a\n  on pevensie.\"user\" (id)", "BlocksWrites user"),
        ("create index concurrently a on pevensie.session (id)", "Online session"),
        ("alter table pevensie.cache drop constraint a", "LocksBriefly cache"),
        ("alter table pevensie.cache add column a int", "LocksBriefly cache"),
        ("alter table pevensie.cache add constraint a unique (key)", "BlocksAll cache"),
        ("alter table pevensie.cache add constraint a check (true) not valid", "LocksBriefly cache"),
        ("alter table pevensie.cache alter key set not null", "BlocksAll cache"),
        ("alter table pevensie.cache alter key type int using 1", "Rewrites cache"),
        ("alter table pevensie.cache validate constraint a", "Online cache"),
        ("alter table pevensie.a add constraint b check (true) not valid, validate constraint c", "BlocksAll a"),
        (
            "alter table pevensie.session add constraint a foreign key (user_id, id) references pevensie.\"user\" (id)",
            "BlocksWrites session, BlocksWrites user",
        ),
        (
            "alter table pevensie.a add constraint b foreign key (c) references pevensie.d (c) not valid",
            "LocksBriefly a, LocksBriefly d",
        ),
        ("alter table pevensie.a drop b, add constraint c foreign key (d) references pevensie.a (e)", "BlocksAll a"),
        ("create table pevensie.t (a int); select ' on '", ""),
        ("create index a on pevensie.b (c); alter table pevensie.b drop d; drop table x", "BlocksWrites b"),
        // A lock is kept to the end of the transaction.
        ("alter table pevensie.b drop d; create index a on pevensie.b (c)", "BlocksAll b"),
        ("alter table pevensie.b drop d; create index a on pevensie.e (c)", "BlocksAll b, BlocksWrites e"),
        ("alter table pevensie.b drop d; alter table pevensie.b validate constraint c", "BlocksAll b"),
    ] {
        let mut effects = of_script(sql, migration);
        keep_locks(effects.iter_mut().collect());
        assert_eq!(words(&by_table(effects)), expected, "{sql}");
    }
}

const MODULES: [Module; 3] = [Module::Base, Module::Auth, Module::Cache];

#[test]
fn a_fresh_install_disturbs_nobody_and_an_upgrade_says_whom() {
    let bundle = Bundle::of_november_2026();
    let all: Vec<&Migration> = bundle.migrations().iter().collect();
    assert!(of_pending(&all).iter().all(|(_, effects)| effects.is_empty()));
    let newer = &all[3..];
    let effects: Vec<String> = of_pending(newer).iter().map(|(_, effects)| words(effects)).collect();
    assert_eq!(effects, ["", "Online session", "Online session", "LocksBriefly cache", "Online cache"]);
}

#[test]
fn the_steps_of_a_plan_have_the_effects_of_what_they_run() {
    let bundle = Bundle::of_november_2026();
    let old = MODULES.map(|module| (module, bundle.of(module).next().unwrap().version));
    let wish = Wish::Migrate(MODULES.map(|module| (module, Target::Newest)).to_vec());
    let effects = |plan: &Plan<'_>| of_plan(plan).iter().map(|(_, effects)| words(effects)).collect::<Vec<_>>();
    let plan = wish.plan(&bundle, &Ledger::assumed(&old)).unwrap();
    assert_eq!(
        effects(&plan),
        ["", "BlocksWrites session", "BlocksWrites session", "BlocksAll cache", "BlocksAll cache"]
    );
    let online = plan.clone().online_where(|migration| migration.online.is_some());
    assert_eq!(effects(&online), ["", "Online session", "Online session", "LocksBriefly cache", "Online cache"]);
    let new = MODULES.map(|module| (module, bundle.newest(module).unwrap()));
    let back = Wish::Rollback(old.map(|(module, version)| (module, Depth::To(Some(version)))).to_vec());
    let plan = back.plan(&bundle, &Ledger::assumed(&new)).unwrap();
    assert_eq!(
        effects(&plan),
        ["BlocksAll cache", "BlocksAll cache", "LocksBriefly session", "LocksBriefly session", ""]
    );
}

#[test]
fn what_an_attempt_has_left_locks_its_table_when_it_is_dropped() {
    let bundle = Bundle::of_november_2026();
    let migration = bundle.of(Module::Cache).last().unwrap();
    let plan = |manner, step| Plan { steps: vec![Step::Discard { migration, manner }, step] };
    let effects = |plan: &Plan<'_>| of_plan(plan).iter().map(|(_, effects)| words(effects)).collect::<Vec<_>>();
    let blocking = plan(Manner::Transaction, Step::Up(migration));
    assert_eq!(effects(&blocking), ["BlocksAll cache", "BlocksAll cache"]);
    let online = plan(Manner::Online, Step::Online(migration));
    assert_eq!(effects(&online), ["", "Online cache"]);
}
