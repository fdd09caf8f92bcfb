//! What is wrong with a database, and what the server says.

use std::io;
use std::time::Duration;

use super::Shown;
use crate::cli::failure::Failure;
use crate::explain::error::Remains;
use crate::migration::bundle::Bundle;
use crate::migration::checksum::Checksum;
use crate::migration::history::{Fault, LedgerTable};
use crate::migration::ledger::{Ledger, LedgerError};
use crate::migration::migration::Migration;
use crate::migration::module::Module;
use crate::migration::plan::{PlanError, Wanted};
use crate::migration::rehearsal::Part;
use crate::migration::script::Location;
use crate::migration::surroundings::Surroundings;
use crate::migration::version::Version;
use crate::pg::connect::ConnectError;
use crate::pg::connect::samples::samples;
use crate::pg::error::{Error, NoSession, ServerError};
use crate::pg::holder::Holder;
use crate::pg::pool::NoClient;
use crate::pg::scratch::ScratchError;
use crate::render::json::AppliedBefore;
use crate::render::rehearsal::place;
use crate::schema::adoption;
use crate::schema::catalog::{Catalog, Object};
use crate::schema::drift;
use crate::schema::expected::Expected;

const MINUTE: Duration = Duration::from_secs(60);
const INDEX: &str = "session_user_id_idx";

pub(super) fn show(shown: &mut Shown) {
    let (bundle, first) = (Bundle::of_november_2026(), version("20241222140532"));
    shown.heading("What was asked for");
    shown.add(plans(first), Failure::from);
    shown.heading("What would fail");
    shown.add(super::refusals::refusals(&bundle), |refusal| Error::Refused(vec![refusal]).into());
    shown.variants.insert("Error::Refused".to_owned());
    shown.heading("The ledger");
    shown.add(ledgers(), Failure::from);
    shown.add(faults(first, bundle.newest(Module::Auth)), |fault| Error::Faults(vec![fault]).into());
    shown.variants.insert("Error::Faults".to_owned());
    shown.heading("The schema");
    shown.add(schemas(&bundle), Failure::from);
    shown.heading("A rehearsal");
    let wrong = [
        Error::Different(drift::differences(&cache(&bundle), &changed(&bundle))),
        Error::Misrecorded { module: Module::Cache, found: None, wanted: bundle.newest(Module::Cache) },
        Error::Interrupted,
    ];
    let at = place(Part::Up, Some("cache 20261121041400 cache_expires_at_idx"));
    shown.add(wrong, |error| Failure::rehearsed(error, at.clone()));
    shown.add(scratches(), Failure::from);
    shown.heading("Others");
    shown.add(others(), Failure::from);
    shown.add(no_sessions(), |why| Error::NoSecondSession(Box::new(why)).into());
    shown.variants.insert("Error::NoSecondSession".to_owned());
    shown.add([NoClient::Exhausted { waited: MINUTE }, NoClient::OnlyOne, closed()], Failure::from);
    shown.heading("The server");
    shown.add(servers(&bundle), |error| Error::Server(Box::new(error)).into());
    shown.variants.insert("Error::Server".to_owned());
    shown.heading("What is left behind");
    let migrations: Vec<&Migration> = bundle.migrations().iter().take(2).collect();
    for (applied, index) in [(1, None), (2, None), (2, Some(INDEX))] {
        shown.add([timeout()], |error| left(&migrations[..applied], index, Error::Server(Box::new(error))));
    }
    shown.add([Error::Interrupted], |error| left(&migrations, None, error));
    shown.add([anyhow::anyhow!("No space left on device (os error 28)")], |error| {
        Failure::Other(error.context("cannot write to stdout"))
    });
    shown.add([()], |()| Failure::Declined);
}

fn version(text: &str) -> Version {
    text.parse().expect("it is a version")
}

fn left(applied: &[&Migration], index: Option<&str>, error: Error) -> Failure {
    let applied_before = applied.iter().map(|migration| AppliedBefore::of(migration)).collect();
    Failure::Database(
        error,
        Box::new(Remains { applied_before, unfinished: index.map(str::to_owned), rehearsed: None }),
    )
}

fn plans(first: Version) -> Vec<PlanError> {
    let (later, known) = (version("20261121041200"), vec![first, version("20261121041100")]);
    let module = Module::Auth;
    vec![
        PlanError::UnknownVersion { module, version: later, known },
        PlanError::WouldGoBack { module, at: later, wanted: Wanted(Some(first)) },
        PlanError::WouldGoBack { module, at: later, wanted: Wanted(None) },
        PlanError::WouldGoForward { module, at: Some(first), wanted: later },
        PlanError::WouldGoForward { module, at: None, wanted: later },
        PlanError::TooManySteps { module, steps: 3, applied: 0 },
        PlanError::TooManySteps { module, steps: 3, applied: 1 },
        PlanError::TooManySteps { module, steps: 3, applied: 2 },
        PlanError::BaseIsMissing { modules: vec![module] },
        PlanError::BaseIsMissing { modules: vec![module, Module::Cache] },
        PlanError::BaseIsNeeded { modules: vec![module, Module::Cache] },
    ]
}

fn ledgers() -> Vec<LedgerError> {
    let malformed = serde_json::from_str::<Surroundings>("{}").expect_err("there is nothing in it");
    vec![
        LedgerError::Broken("module_version".to_owned()),
        LedgerError::Unreadable,
        LedgerError::Changing,
        LedgerError::Malformed(malformed),
    ]
}

fn faults(version: Version, newest: Option<Version>) -> Vec<Fault> {
    let (module, place) = (Module::Auth, LedgerTable::ModuleVersion);
    let (recorded, expected) = (Checksum::of("edited").to_string(), Checksum::of("as it is"));
    vec![
        Fault::Edited { module, version, place, recorded, expected },
        Fault::Unknown { module: "auth".to_owned(), version: "20991231000000".to_owned(), newest },
        Fault::Unknown { module: "wardrobe".to_owned(), version: "20991231000000".to_owned(), newest: None },
        Fault::Unrecorded { module, version, place },
        Fault::Contradiction { module, row: Some(version.to_string()), log: None },
        Fault::Contradiction { module, row: None, log: Some(version) },
    ]
}

/// What module `cache` is, once all of it is installed.
fn cache(bundle: &Bundle) -> Expected {
    Expected::of_module(bundle, Module::Cache, bundle.newest(Module::Cache))
}

/// The same with an index that is gone, a column that was changed, a constraint that should be gone, and somebody's table.
fn changed(bundle: &Bundle) -> Catalog {
    let object = |kind: &str, identity: &str| Object { kind: kind.to_owned(), identity: identity.to_owned() };
    let cache = cache(bundle);
    let found = cache.objects().filter(|(object, _)| object.kind != "index").map(|(object, definitions)| {
        let found = definitions[0].clone();
        (object.clone(), if object.identity == "cache.value" { found.replace("not null", "null") } else { found })
    });
    let others = [
        (object("constraint", "cache.cache_key_key"), "UNIQUE (key)".to_owned()),
        (object("table", "mine"), "logged".to_owned()),
    ];
    found.chain(others).collect()
}

fn schemas(bundle: &Bundle) -> [Error; 3] {
    let live = changed(bundle);
    let mismatches = adoption::found(bundle, &Ledger::Absent, &live, &[Module::Cache]).expect_err("it is none of ours");
    let (cache, newest) = (cache(bundle), bundle.newest(Module::Cache));
    let earlier = Expected::of_earlier(bundle, Module::Cache, newest);
    let by_value = cache
        .objects()
        .map(|(object, definitions)| (object.clone(), definitions[0].replace("(expires_at)", "(value)")));
    let others = drift::unmet(&Expected::default(), &cache, &by_value.collect());
    [Error::NotAdoptable(mismatches), Error::OtherIndex(others), Error::Broken(drift::unmet(&earlier, &cache, &live))]
}

fn scratches() -> Vec<ScratchError> {
    vec![
        ScratchError::NoPrograms {
            looked: ["PATH", "pg_config --bindir", "/usr/lib/postgresql/*/bin"].map(str::to_owned).to_vec(),
            unfit: vec!["found: 14.23 in /usr/lib/postgresql/14/bin: too old".to_owned()],
        },
        ScratchError::NoUser,
        ScratchError::NoFolder("neither /home/app/tmp nor /tmp will do".to_owned()),
        ScratchError::NotStarted {
            version: "17.6".to_owned(),
            folder: "/usr/lib/postgresql/17/bin".to_owned(),
            log: "FATAL:  could not create shared memory segment: No space left on device".to_owned(),
        },
        ScratchError::System("run sh", io::Error::from(io::ErrorKind::PermissionDenied)),
    ]
}

/// Sessions that are in the way: one about which everything may be seen, one of which nothing, and a prepared transaction.
pub(super) fn holders() -> Vec<Holder> {
    let nobody = Holder { pid: "0".to_owned(), role: None, application: None, state: None, since: None, query: None };
    let shop = Holder {
        pid: "4711".to_owned(),
        role: Some("shop".to_owned()),
        application: Some("shop web".to_owned()),
        state: Some("idle in transaction".to_owned()),
        since: Some("2026-01-02 03:04:05".to_owned()),
        query: Some("update pevensie.session set expires_at = now()".to_owned()),
    };
    vec![shop, Holder { pid: "4712".to_owned(), ..nobody.clone() }, nobody]
}

fn others() -> Vec<Error> {
    let holder = |nth: usize| Some(Box::new(holders().swap_remove(nth)));
    let unreachable = samples().into_iter().next().expect("there is one");
    vec![
        Error::Locked { waited: MINUTE, holder: holder(0) },
        Error::Locked { waited: MINUTE, holder: None },
        Error::BeingBuilt { index: INDEX.to_owned(), waited: MINUTE },
        Error::Overdue { waited: MINUTE, blockers: holders() },
        Error::Lost { why: "connection closed".to_owned(), sqlstate: None },
        Error::Lost {
            why: "terminating connection due to administrator command".to_owned(),
            sqlstate: Some("57P01".to_owned()),
        },
        Error::Unknown(Box::new(Error::Connect(unreachable))),
        Error::Changed,
        Error::Interrupted,
    ]
}

fn no_sessions() -> Vec<NoSession> {
    let full = samples().into_iter().find(ConnectError::is_full).expect("there is one");
    vec![NoSession::Refused(full), NoSession::Silent, NoSession::NotLent(NoClient::OnlyOne)]
}

fn closed() -> NoClient {
    NoClient::Refused(deadpool_postgres::PoolError::Closed)
}

fn timeout() -> ServerError {
    server("57014", "canceling statement due to statement timeout")
}

fn server(sqlstate: &str, message: &str) -> ServerError {
    ServerError {
        sqlstate: sqlstate.to_owned(),
        message: message.to_owned(),
        detail: None,
        hint: None,
        location: None,
        blockers: Vec::new(),
    }
}

/// What the server may refuse, with a hint of our own for each that has one, and one with everything that may be said.
fn servers(bundle: &Bundle) -> Vec<ServerError> {
    let migration = bundle.migrations().last().expect("there are some");
    let sql = migration.up.to_string();
    let start = sql.find("create index").expect("that is what it does");
    let path = format!("{}/{}_{}.up.sql", migration.module, migration.version, migration.name);
    vec![
        server("53100", "could not extend file \"base/16384/2674\": No space left on device"),
        ServerError { blockers: holders(), ..server("55P03", "canceling statement due to lock timeout") },
        timeout(),
        ServerError {
            detail: Some("view report depends on table pevensie.session\nview top depends on view report".to_owned()),
            hint: Some("Use DROP ... CASCADE to drop the dependent objects too.".to_owned()),
            ..server("2BP01", "cannot drop table pevensie.session because other objects depend on it")
        },
        server("42P07", "relation \"session\" already exists"),
        server("42710", "type \"module\" already exists"),
        server("23505", "duplicate key value violates unique constraint \"pg_type_typname_nsp_index\""),
        ServerError {
            hint: Some("The server's own hint.".to_owned()),
            detail: Some("The server's own detail.".to_owned()),
            location: Some(Location { path, span: start..start + 12, sql }),
            ..server("XX000", "anything else")
        },
    ]
}
