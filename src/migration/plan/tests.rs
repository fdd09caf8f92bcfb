//! What the steps of a plan are, and how they are cut into batches.

use super::*;
use crate::migration::bundle::Bundle;
use crate::migration::right::{Kind, Object, Privilege};

fn right(identity: &str) -> Right {
    let object = Object { kind: Kind::Table, identity: identity.to_owned() };
    Right { object, privileges: vec![Privilege::Select] }
}

#[test]
fn each_step_says_what_it_is_about() {
    let bundle = Bundle::embedded();
    let [one, two, three] = [0, 1, 2].map(|nth| &bundle.migrations()[nth]);
    let (role, right): (Role, Right) = ("app".parse().unwrap(), right("session"));
    let discard = Step::Discard { migration: two, manner: Manner::Online };
    let down = Step::Down { migration: two, previous: Some(one), with_table: false };
    let grant = Step::Grant { role: &role, right: &right };
    let all =
        Plan::of(&[Step::Adopt(one), discard, Step::Record(two), Step::Online(three), down, Step::DropLedger, grant]);
    let of = |about: fn(&Step<'_>) -> bool| all.steps().iter().map(about).collect::<Vec<_>>();
    assert_eq!(of(|step| step.recorded().is_some()), [false, false, true, false, false, false, false]);
    assert_eq!(of(|step| step.discarded().is_some()), [false, true, false, false, false, false, false]);
    assert_eq!(of(|step| step.manner() == Manner::Online), [false, true, false, true, false, false, false]);
    assert_eq!(
        all.migrations().collect::<Vec<_>>(),
        [(two, Direction::Up), (three, Direction::Up), (two, Direction::Down)]
    );
    assert_eq!(all.adopted().collect::<Vec<_>>(), [one]);
    assert_eq!(all.granted().collect::<Vec<_>>(), [(&role, &right)]);
    assert_eq!(
        all.outcome(),
        [(one.module, Some(one.version)), (three.module, Some(three.version)), (two.module, Some(one.version))]
    );
    assert!(Plan::of(&[]).is_empty() && !all.is_empty());
}

#[test]
fn what_is_granted_comes_last_and_with_what_is_there() {
    let bundle = Bundle::embedded();
    let [one, two, three] = [0, 1, 2].map(|nth| &bundle.migrations()[nth]);
    let grants = Grants { role: "app".parse().unwrap(), rights: vec![right("session"), right("cache")] };
    let mut whole = Plan::of(&[Step::Up(one)]);
    whole.extend(&Plan::of(&[Step::Up(two), Step::Up(three)]));
    let whole = whole.online_where(|migration| migration.version == two.version && migration.module == two.module);
    let whole = whole.granting(&grants, None);
    let batches = whole.batches();
    let lengths: Vec<_> = batches.iter().map(|batch| (batch.manner, batch.plan.steps().len())).collect();
    assert_eq!(lengths, [(Manner::Transaction, 1), (Manner::Online, 1), (Manner::Transaction, 3)]);
    assert_eq!((batches[0].online(), batches[1].online()), (None, Some(two)));
    let lacking = |superuser| {
        let grantee = Grantee { exists: true, superuser, objects: Vec::new() };
        Plan::of(&[]).granting(&grants, Some(&grantee)).steps().len()
    };
    assert_eq!((lacking(true), lacking(false)), (0, 2), "only what is lacking");
}
