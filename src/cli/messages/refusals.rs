//! Why a plan would fail: found as it always is, in a database that is not as it should be.

use crate::migration::bundle::Bundle;
use crate::migration::grantee::{Grantee, Holding};
use crate::migration::ledger::{Ledger, TABLES};
use crate::migration::module::Module;
use crate::migration::preflight;
use crate::migration::refusal::Refusal;
use crate::migration::right::{self, Grants};
use crate::migration::surroundings::{Name, ObjectKind, Owner, Schema, SchemaObject, Server, Surroundings};
use crate::migration::wish::{Depth, Target, Wish};
use crate::schema::rights;

pub(super) fn refusals(bundle: &Bundle) -> Vec<Refusal> {
    let first = bundle.of(Module::Base).next().expect("there is one").version;
    let (absent, installed) = (Ledger::Absent, Ledger::assumed(&Module::ALL.map(|module| (module, first))));
    let up = Wish::Migrate(vec![(Module::Auth, Target::Newest)]);
    let down = Wish::Rollback(vec![(Module::Auth, Depth::To(None))]);
    let grants = Grants {
        role: "App".parse().expect("it is a name"),
        rights: rights::needed(bundle, &[Module::Base, Module::Auth].map(|module| (module, bundle.newest(module)))),
    };
    let refused = |ledger: &Ledger, wish: &Wish, change: &dyn Fn(&mut Surroundings)| {
        let mut around = Surroundings::without_schema(server(), None);
        change(&mut around);
        let mut plan = wish.plan(bundle, ledger).expect("it can be fulfilled");
        if around.grantee.is_some() {
            plan = plan.granting(&grants, around.grantee.as_ref());
        }
        let mut refusals = preflight::refusals(&around, &plan);
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        refusals.remove(0)
    };
    vec![
        refused(&absent, &up, &|around| {
            (around.server.version_num, around.server.version) = (140_023, "14.23".to_owned());
        }),
        refused(&absent, &up, &|around| around.server.in_recovery = true),
        refused(&absent, &up, &|around| around.server.may_create_schema = false),
        refused(&absent, &up, &|around| around.schema = Some(schema(false))),
        // These two are said before there is a plan.
        Refusal::MayNotCreateDatabase { role: name("app") },
        Refusal::MayNotRead {
            role: name("app"),
            schema_owner: owner("postgres"),
            owner: owner("dba"),
            tables: TABLES.map(|table| format!("pevensie.{table}")).to_vec(),
        },
        refused(&installed, &up, &|around| {
            around.schema = Some(schema(true));
            around.may_write_ledger = false;
            around.objects = objects(ObjectKind::Relation, &TABLES, "dba");
        }),
        refused(&installed, &up, &|around| {
            around.schema = Some(schema(true));
            around.objects = objects(ObjectKind::Relation, &["session"], "dba");
        }),
        refused(&installed, &down, &|around| {
            around.schema = Some(schema(true));
            around.objects = objects(ObjectKind::Relation, &["session", "user"], "postgres");
        }),
        refused(&installed, &up, &|around| {
            around.schema = Some(schema(true));
            around.grantee = Some(grantee(true, &["\"user\"", "session"]));
        }),
        refused(&absent, &up, &|around| around.grantee = Some(grantee(false, &[]))),
        refused(&absent, &up, &|around| around.objects = objects(ObjectKind::Type, &["module"], "app")),
        refused(&absent, &up, &|around| {
            around.objects = objects(ObjectKind::Relation, &["session", "user"], "app");
        }),
    ]
}

/// The role `app` in an empty database, where it may do what it likes.
fn server() -> Server {
    Server {
        version_num: 170_010,
        version: "17.10".to_owned(),
        database: name("shop"),
        role: name("app"),
        may_create_schema: true,
        ..Server::default()
    }
}

fn name(raw: &str) -> Name {
    // The only one here that is a word of SQL.
    let sql = if raw == "user" { "\"user\"" } else { raw };
    Name { raw: raw.to_owned(), sql: sql.to_owned() }
}

fn owner(raw: &str) -> Owner {
    Owner { name: name(raw), superuser: raw == "postgres" }
}

fn schema(create: bool) -> Schema {
    Schema { owner: owner("dba"), owned: false, usage: true, create }
}

fn objects(kind: ObjectKind, names: &[&str], of: &str) -> Vec<SchemaObject> {
    let object = |raw: &&str| SchemaObject { kind, name: name(raw), owner: owner(of), owned: of == "app" };
    names.iter().map(object).collect()
}

/// A role, and tables that are not ours to grant.
fn grantee(exists: bool, tables: &[&str]) -> Grantee {
    let holding = |table: &&str| Holding {
        object: right::Object { kind: right::Kind::Table, identity: (*table).to_owned() },
        owner: owner("dba"),
        owned: false,
        answers: Vec::new(),
    };
    Grantee { exists, superuser: false, objects: tables.iter().map(holding).collect() }
}
