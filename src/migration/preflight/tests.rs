//! What is refused, and what is not.

use super::*;
use crate::migration::bundle::Bundle;
use crate::migration::grantee::Grantee;
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::right::{self, Grants, Privilege, Right};
use crate::migration::surroundings::{Name, Schema, Server};
use crate::migration::wish::{Depth, Target, Wish};

/// What is changed about an empty database, and the refusals that follow.
type Case = (&'static dyn Fn(&mut Surroundings), &'static [&'static str]);

fn name(raw: &str) -> Name {
    Name { raw: raw.to_owned(), sql: raw.to_owned() }
}

fn owner(raw: &str) -> Owner {
    Owner { name: name(raw), superuser: false }
}

/// An empty database on which the role may do what it likes.
fn empty() -> Surroundings {
    let server = Server {
        version_num: 170_000,
        version: "17.0".to_owned(),
        database: name("shop"),
        role: name("app"),
        now: "2026-11-21T10:14:00.000000Z".to_owned(),
        in_recovery: false,
        may_create_schema: true,
    };
    Surroundings::without_schema(server, None)
}

fn object(kind: ObjectKind, raw: &str, owned: bool) -> SchemaObject {
    SchemaObject { kind, name: name(raw), owner: owner("DBA"), owned }
}

fn no_create(around: &mut Surroundings) {
    around.server.may_create_schema = false;
}

fn other_schema(create: bool) -> Schema {
    Schema { owner: owner("DBA"), owned: false, usage: true, create }
}

fn messages(around: &Surroundings, wish: &Wish, ledger: &Ledger) -> Vec<String> {
    let bundle = Bundle::embedded();
    let plan = wish.plan(&bundle, ledger).unwrap();
    refusals(around, &plan).iter().map(|refusal| refusal.to_string().replace("\n  ", "; ")).collect()
}

#[test]
fn a_fresh_install_is_refused_where_it_would_fail() {
    let cases: [Case; 10] = [
        (&|_| {}, &[]),
        (&|around| around.server.version_num = 140_023, &["PostgreSQL 17.0 is too old: Pevensie needs 15 or newer"]),
        (&|around| around.server.version_num = 150_000, &[]),
        (&|around| around.server.in_recovery = true, &["this server is a standby and accepts no changes"]),
        (&no_create, &["role \"app\" may not create schemas in database \"shop\"; needed for: create schema pevensie"]),
        (
            &|around| {
                no_create(around);
                around.schema = Some(other_schema(true));
            },
            &[],
        ),
        (
            &|around| around.schema = Some(other_schema(false)),
            &["role \"app\" may not create objects in schema \"pevensie\", which belongs to \"DBA\""],
        ),
        (
            &|around| around.objects = vec![object(ObjectKind::Type, "module", true)],
            &["type pevensie.module is there already, without a record in the ledger; \
               in the way of: create the ledger"],
        ),
        (
            &|around| {
                around.objects = vec![
                    object(ObjectKind::Type, "cache", true),
                    object(ObjectKind::Relation, "cache_pkey", true),
                    object(ObjectKind::Function, "uuid7", true),
                ];
            },
            &[
                "function pevensie.uuid7 is there already, without a record in the ledger; \
                 in the way of: migrate base to 20241222140532",
                "type pevensie.cache, relation pevensie.cache_pkey are there already, without a record in the \
                 ledger; in the way of: migrate cache to 20241222140532",
            ],
        ),
        // A function may bear the name of a table.
        (&|around| around.objects = vec![object(ObjectKind::Function, "cache", true)], &[]),
    ];
    for (change, expected) in cases {
        let mut around = empty();
        change(&mut around);
        let wish = Wish::Migrate(vec![(Module::Cache, Target::Newest)]);
        assert_eq!(messages(&around, &wish, &Ledger::Absent), expected);
        // Where nothing is to be done, nothing stands in the way.
        assert_eq!(refusals(&around, &Plan::default()), []);
    }
}

#[test]
fn only_what_is_changed_has_to_be_ours() {
    let first = "20241222140532".parse().unwrap();
    let ledger = Ledger::assumed(&[(Module::Base, first), (Module::Cache, first)]);
    let wish = Wish::Migrate(vec![(Module::Cache, Target::Newest)]);
    let mut around = empty();
    around.schema = Some(Schema { owner: owner("app"), owned: true, usage: true, create: true });
    // Somebody's function may bear the name of a table of ours.
    around.objects = vec![object(ObjectKind::Relation, "cache", true), object(ObjectKind::Function, "cache", false)];
    assert_eq!(messages(&around, &wish, &ledger), [""; 0]);
    around.objects = vec![object(ObjectKind::Relation, "cache", false), object(ObjectKind::Function, "uuid7", false)];
    assert_eq!(
        messages(&around, &wish, &ledger),
        [
            "function pevensie.uuid7 belongs to \"DBA\", not to role \"app\"; \
             needed for: migrate base to 20261121041000",
            "relation pevensie.cache belongs to \"DBA\", not to role \"app\"; \
             needed for: migrate cache to 20261121041300",
        ]
    );
}

#[test]
fn a_rollback_needs_the_owner_of_the_objects_or_of_the_schema() {
    let version = "20241222140532".parse().unwrap();
    let ledger = Ledger::assumed(&[(Module::Base, version), (Module::Cache, version)]);
    let wish = Wish::Rollback(vec![(Module::Cache, Depth::To(None))]);
    let mut around = empty();
    around.objects =
        vec![object(ObjectKind::Relation, "cache", false), object(ObjectKind::Relation, "module_version", false)];
    around.schema = Some(other_schema(false));
    let expected = "relation pevensie.cache belongs to \"DBA\", not to role \"app\"; \
                    needed for: roll back cache 20241222140532";
    assert_eq!(messages(&around, &wish, &ledger), [expected]);
    around.schema = Some(Schema { owner: owner("app"), owned: true, usage: true, create: true });
    assert_eq!(messages(&around, &wish, &ledger), [""; 0]);
    around.may_write_ledger = false;
    assert_eq!(
        messages(&around, &wish, &ledger),
        ["role \"app\" may not write to the ledger, pevensie.module_version"]
    );
}

#[test]
fn what_is_in_the_way_of_a_module_may_be_adopted_and_nothing_else() {
    let bundle = Bundle::embedded();
    let plan = Wish::Migrate(vec![(Module::Cache, Target::Newest)]).plan(&bundle, &Ledger::Absent).unwrap();
    for (kind, raw, expected) in [(ObjectKind::Type, "module", false), (ObjectKind::Relation, "cache", true)] {
        let mut around = empty();
        around.objects = vec![object(kind, raw, true)];
        let [Refusal::NamesTaken { adoptable, .. }] = refusals(&around, &plan)[..] else { panic!("{raw} is taken") };
        assert_eq!(adoptable, expected, "{raw}");
    }
}

#[test]
fn what_others_own_is_theirs_to_grant() {
    use Privilege::{Insert, Select};
    let right = |table: &str, privileges: &[Privilege]| Right {
        object: right::Object { kind: right::Kind::Table, identity: table.to_owned() },
        privileges: privileges.to_vec(),
    };
    let holding = |table: &str, of: &str, grantable: &[Privilege]| Holding {
        object: right(table, &[]).object,
        owner: owner(of),
        owned: false,
        answers: grantable.iter().map(|privilege| (Question::MayGrant, *privilege)).collect(),
    };
    let rights = ["new", "ours", "half", "user", "cache", "other"].map(|table| right(table, &[Select, Insert]));
    let grants = Grants { role: "driver".parse().unwrap(), rights: rights.to_vec() };
    let plan = Plan::default().granting(&grants, None);
    let mut around = empty();
    assert_eq!(refusals(&around, &plan), [], "nobody has looked");
    let mut grantee = Grantee { exists: true, superuser: false, objects: Vec::new() };
    grantee.objects = vec![
        holding("ours", "app", &[Select, Insert]),
        holding("half", "DBA", &[Select]),
        holding("user", "boss", &[]),
        holding("cache", "DBA", &[]),
    ];
    around.grantee = Some(grantee.clone());
    let of = |owner: &str, objects: &str| {
        format!("{objects} to \"{owner}\", not to role \"app\"\n  needed for: grant rights to role \"driver\"")
    };
    assert_eq!(
        refusals(&around, &plan).iter().map(ToString::to_string).collect::<Vec<_>>(),
        [of("DBA", "table pevensie.half, table pevensie.cache belong"), of("boss", "table pevensie.user belongs"),]
    );
    grantee.exists = false;
    around.grantee = Some(grantee);
    assert_eq!(refusals(&around, &plan), [Refusal::NoSuchRole { role: "driver".parse().unwrap() }]);
    let bundle = Bundle::embedded();
    let nothing = Wish::Migrate(vec![(Module::Cache, Target::Newest)]).plan(&bundle, &Ledger::Absent);
    assert!(refusals(&around, &nothing.unwrap()).is_empty(), "nothing is granted");
}

#[test]
fn a_ledger_of_somebody_else_cannot_be_upgraded() {
    let mut around = empty();
    around.schema = Some(other_schema(true));
    around.objects = vec![object(ObjectKind::Relation, "module_version", false)];
    let wish = Wish::Migrate(vec![(Module::Base, Target::Newest)]);
    let refused = messages(&around, &wish, &Ledger::Legacy(Vec::new()));
    assert!(refused.iter().any(|message| message.ends_with("needed for: upgrade the ledger")), "{refused:?}");
}

#[test]
fn an_adoption_says_what_it_adopts() {
    let bundle = Bundle::of_november_2026();
    let migration = bundle.of(Module::Base).next().unwrap();
    assert_eq!(purpose(&Step::Adopt(migration)), "adopt base 20241222140532");
}
