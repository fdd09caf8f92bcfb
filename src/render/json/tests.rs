//! The documents, field by field.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::migration::bundle::Bundle;
use crate::migration::grantee::{Excess, Standing};
use crate::migration::ledger::Ledger;
use crate::migration::plan::{Manner, Step};
use crate::migration::rehearsal::Part;
use crate::migration::right::{Kind, Object, Privilege, Right};
use crate::migration::role::Role;
use crate::migration::status::{Status, Verdict};
use crate::migration::surroundings::{Index, IndexState, Name};
use crate::schema::catalog;
use crate::schema::drift::{Change, Difference};

fn value(body: impl Serialize) -> Value {
    serde_json::to_value(body).unwrap()
}

fn server() -> Server {
    let name = |raw: &str| Name { raw: raw.to_owned(), sql: String::new() };
    Server { database: name("shop"), role: name("me"), version: "17.0".to_owned(), ..Server::default() }
}

fn select_on_cache() -> Right {
    let object = Object { kind: Kind::Table, identity: "cache".to_owned() };
    Right { object, privileges: vec![Privilege::Select] }
}

#[test]
fn a_document_names_its_format_and_its_command() {
    let body = || PrintBody::script(&Plan::default(), "select 1;\n".to_owned());
    let document = json!({ "format": 1, "command": "print", "steps": [], "sql": "select 1;\n" });
    let text = write("print", body());
    assert!(text.starts_with("{\n") && text.ends_with("\n}\n"), "{text}");
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
    let text = line("print", Place { number: 2, address: "shop" }, body());
    assert!(text.ends_with("}\n") && text.lines().count() == 1, "{text}");
    let mut placed = document;
    placed["number"] = json!(2);
    placed["address"] = json!("shop");
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), placed);
}

#[test]
fn a_run_says_whether_it_was_carried_out() {
    let (server, plan) = (server(), Plan::default());
    let database = json!({ "name": "shop", "role": "me", "server_version": "17.0" });
    assert_eq!(value(RunBody::applied(&server, &plan)), json!({ "database": database, "applied": true, "steps": [] }));
    assert_eq!(
        value(RunBody::printed(&server, &plan, "sql".to_owned())),
        json!({ "database": database, "applied": false, "steps": [], "sql": "sql" })
    );
    let file = |text, state| FileBody { path: "a.sql", text, state };
    assert_eq!(
        value(PrintBody::files(&plan, vec![file(Some("x"), None), file(None, Some("new"))])),
        json!({ "steps": [], "files": [{ "path": "a.sql", "text": "x" }, { "path": "a.sql", "state": "new" }] })
    );
}

#[test]
fn each_step_says_what_is_done_and_how() {
    let bundle = Bundle::embedded();
    let migration = &bundle.migrations()[0];
    let (role, right): (Role, Right) = ("app".parse().unwrap(), select_on_cache());
    let discard = |manner| Step::Discard { migration, manner };
    for (step, action, manner, is_of_migration) in [
        (Step::CreateLedger, "create_ledger", None, false),
        (Step::UpgradeLedger, "upgrade_ledger", None, false),
        (Step::Adopt(migration), "adopt", None, true),
        (Step::Up(migration), "up", Some("transaction"), true),
        (Step::Online(migration), "up", Some("online"), true),
        (Step::Record(migration), "up", Some("already_built"), true),
        (discard(Manner::Transaction), "discard_index", Some("transaction"), true),
        (discard(Manner::Online), "discard_index", Some("online"), true),
        (Step::Down { migration, previous: None, with_table: false }, "down", None, true),
        (Step::DropLedger, "drop_ledger", None, false),
        (Step::Grant { role: &role, right: &right }, "grant", None, false),
    ] {
        let mut expected = json!({ "action": action });
        if let Some(manner) = manner {
            expected["manner"] = json!(manner);
        }
        if is_of_migration {
            let (module, version, name) = (migration.module, migration.version, &migration.name);
            let migration =
                json!({ "module": module, "version": version, "name": name, "checksum": migration.checksum });
            expected.as_object_mut().unwrap().extend(migration.as_object().unwrap().clone());
        }
        if step.granted().is_some() {
            expected["role"] = json!("app");
            expected["object"] = json!("table pevensie.cache");
            expected["privileges"] = json!(["select"]);
        }
        assert_eq!(value(steps(&Plan::of(&[step]))), json!([expected]), "{step:?}");
    }
}

#[test]
fn each_stage_of_a_rehearsal_has_its_name() {
    for (part, name) in [
        (Part::Up, "up"),
        (Part::Down, "down"),
        (Part::FirstVersions, "first_versions"),
        (Part::Upgrade, "upgrade"),
        (Part::DownTogether, "down_together"),
        (Part::UpTogether, "up_together"),
    ] {
        let stage = StageBody::of(part, &Plan::default(), Duration::from_millis(1500));
        assert_eq!(value(stage), json!({ "part": name, "steps": [], "milliseconds": 1500 }));
    }
}

#[test]
fn a_status_says_what_is_there_pending_wrong_and_lacking() {
    let bundle = Bundle::of_november_2026();
    let at = |module, version: &str| (module, version.parse().unwrap());
    let ledger = Ledger::assumed(&[at(Module::Base, "20261121041000"), at(Module::Cache, "20261121041300")]);
    let status = Status::of(&bundle, &ledger, &[]);
    let object = |kind: &str, identity: &str| catalog::Object { kind: kind.to_owned(), identity: identity.to_owned() };
    let change = Change::Changed { expected: "unlogged".to_owned(), found: "logged".to_owned() };
    let drift = [
        Difference { object: object("table", "cache"), change },
        Difference { object: object("type", "mine"), change: Change::Extra { found: String::new() } },
    ];
    let standing =
        Standing { role: "app".parse().unwrap(), lacks: vec![select_on_cache()], excess: vec![Excess::Superuser] };
    let server = server();
    let of = |ledger: &Ledger, indexes: &[Index], verdict| {
        let parts = Parts { server: &server, ledger, history: &[], indexes, standing: Some(&standing) };
        value(StatusBody::of(&bundle, parts, &status, &drift, verdict))
    };
    let document = of(&ledger, &[], Verdict::Drifted);
    assert_eq!((&document["good"], &document["ledger"]), (&json!(false), &json!("current")));
    assert_eq!(document["database"]["name"], "shop");
    let [base, cache] = &document["modules"].as_array().unwrap()[..] else { panic!("{document}") };
    assert_eq!((&base["module"], &base["name"], &base["pending"]), (&json!("base"), &json!("uuid7_range"), &json!([])));
    assert_eq!((&cache["version"], &cache["record"]), (&json!("20261121041300"), &Value::Null));
    let faults = document["faults"].as_array().unwrap();
    assert_eq!(faults.len(), status.faults.len());
    assert!(faults.iter().all(|fault| fault["message"].is_string() && fault["hint"].is_string()), "{faults:?}");
    let mend = "alter table pevensie.cache set unlogged;";
    assert_eq!(
        document["drift"],
        json!([
            {
                "kind": "table", "identity": "cache", "difference": "changed",
                "expected": "unlogged", "found": "logged", "mend": mend
            },
            { "kind": "type", "identity": "mine", "difference": "extra", "found": "" },
        ])
    );
    let mend = "grant select on table pevensie.cache to \"app\";";
    let lacks = json!([{ "object": "table pevensie.cache", "privileges": ["select"], "mend": mend }]);
    let too_much = json!([{ "kind": "superuser" }]);
    assert_eq!(document["app_role"], json!({ "name": "app", "lacks": lacks, "too_much": too_much }));
    assert_eq!(document["known"].as_array().unwrap().len(), bundle.migrations().len());
    assert_eq!(document["history"], json!([]));
    for (ledger, name) in [(Ledger::Absent, "absent"), (Ledger::Legacy(Vec::new()), "legacy")] {
        let document = of(&ledger, &[], Verdict::Good);
        assert_eq!((&document["good"], &document["ledger"]), (&json!(true), &json!(name)));
    }
    let effects = json!([{ "table": "cache", "impact": "online" }]);
    for (state, name, effects) in [
        (IndexState::Complete, "built", Value::Null),
        (IndexState::Unfinished, "unfinished", effects.clone()),
        (IndexState::BeingBuilt, "being_built", effects),
    ] {
        let document = of(&ledger, &[Index { name: "cache_expires_at_idx".to_owned(), state }], Verdict::Pending);
        let pending = &document["modules"][1]["pending"][0];
        assert_eq!((&pending["index"], &pending["effects"]), (&json!(name), &effects), "{state:?}");
    }
}
