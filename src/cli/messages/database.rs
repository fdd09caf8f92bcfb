//! What is wrong with a database, and what the server says.

use std::io;
use std::time::Duration;

use super::Shown;
use crate::cli::failure::Failure;
use crate::explain::error::Remains;
use crate::migration::bundle::Bundle;
use crate::migration::checksum::Checksum;
use crate::migration::history::{Fault, LedgerTable};
use crate::migration::ledger::LedgerError;
use crate::migration::migration::Migration;
use crate::migration::module::Module;
use crate::migration::plan::{PlanError, Wanted};
use crate::migration::refusal::Refusal;
use crate::migration::script::Location;
use crate::migration::surroundings::{Name, Owner};
use crate::migration::version::Version;
use crate::pg::connect::samples::samples;
use crate::pg::error::{Error, NoSession, ServerError};
use crate::pg::holder::Holder;
use crate::pg::pool::NoClient;
use crate::pg::scratch::ScratchError;
use crate::render::json::AppliedBefore;
use crate::schema::adoption::Mismatch;
use crate::schema::catalog::Object;
use crate::schema::drift::{Change, Difference};

const MINUTE: Duration = Duration::from_secs(60);
const INDEX: &str = "session_user_id_idx";

pub(super) fn show(shown: &mut Shown) {
    let (bundle, first) = (Bundle::embedded(), version("20241222140532"));
    shown.heading("What was asked for");
    shown.add(plans(first), Failure::from);
    shown.heading("What would fail");
    shown.add(refusals(), |refusal| Error::Refused(vec![refusal]).into());
    shown.variants.insert("Error::Refused".to_owned());
    shown.heading("The ledger");
    shown.add(ledgers(), Failure::from);
    shown.add(faults(first), |fault| Error::Faults(vec![fault]).into());
    shown.variants.insert("Error::Faults".to_owned());
    shown.heading("The schema");
    let mismatch = Mismatch { module: Module::Cache, version: first, differences: differences() };
    shown.add([Error::NotAdoptable(vec![mismatch]), Error::Broken(differences())], Failure::from);
    shown.heading("A rehearsal");
    let wrong = [
        Error::Different(differences()),
        Error::Misrecorded { module: Module::Auth, found: None, wanted: Some(first) },
        Error::Interrupted,
    ];
    shown.add(wrong, |error| Failure::rehearsed(error, "on the way up at auth 20241222140532".to_owned()));
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

fn refusals() -> Vec<Refusal> {
    let name = |raw: &str| Name { raw: raw.to_owned(), sql: raw.to_owned() };
    let (role, database) = (name("app"), name("shop"));
    let owner = |superuser| Owner { name: name(if superuser { "postgres" } else { "dba" }), superuser };
    let tables = vec!["pevensie.module_version".to_owned(), "pevensie.migration_log".to_owned()];
    let objects = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let needed_for = "auth 20261121041100 session_user_id_idx".to_owned();
    vec![
        Refusal::ServerTooOld { found: "14.23".to_owned() },
        Refusal::Standby,
        Refusal::MayNotCreateSchema { role: role.clone(), database },
        Refusal::MayNotCreateInSchema { role: role.clone(), owner: owner(false) },
        Refusal::MayNotCreateDatabase { role: role.clone() },
        Refusal::MayNotRead {
            role: role.clone(),
            schema_owner: owner(true),
            owner: owner(false),
            tables: tables.clone(),
        },
        Refusal::MayNotRecord { role: role.clone(), owner: owner(false), tables },
        Refusal::NotOwner {
            role: role.clone(),
            owner: owner(false),
            objects: objects(&["table pevensie.session"]),
            needed_for: needed_for.clone(),
        },
        Refusal::NotOwner {
            role,
            owner: owner(true),
            objects: objects(&["table pevensie.session", "table pevensie.\"user\""]),
            needed_for: needed_for.clone(),
        },
        Refusal::NoSuchRole { role: "App".parse().expect("it is a name") },
        Refusal::NamesTaken {
            objects: objects(&["table pevensie.module_version"]),
            needed_for: "the ledger".to_owned(),
            adoptable: false,
        },
        Refusal::NamesTaken {
            objects: objects(&["table pevensie.session", "table pevensie.\"user\""]),
            needed_for,
            adoptable: true,
        },
    ]
}

fn ledgers() -> Vec<LedgerError> {
    let malformed = serde_json::from_str::<u8>("\"many\"").expect_err("it is no number");
    vec![
        LedgerError::Broken("module_version".to_owned()),
        LedgerError::Unreadable,
        LedgerError::Changing,
        LedgerError::Malformed(malformed),
    ]
}

fn faults(version: Version) -> Vec<Fault> {
    let (module, place) = (Module::Auth, LedgerTable::ModuleVersion);
    let (recorded, expected) = (Checksum::of("edited").to_string(), Checksum::of("as it is"));
    vec![
        Fault::Edited { module, version, place, recorded, expected },
        Fault::Unknown { module: "auth".to_owned(), version: "20991231000000".to_owned(), newest: Some(version) },
        Fault::Unknown { module: "mail".to_owned(), version: "20991231000000".to_owned(), newest: None },
        Fault::Unrecorded { module, version, place },
        Fault::Contradiction { module, row: Some(version.to_string()), log: None },
        Fault::Contradiction { module, row: None, log: Some(version) },
    ]
}

fn differences() -> Vec<Difference> {
    let difference = |kind: &str, identity: &str, change| Difference {
        object: Object { kind: kind.to_owned(), identity: identity.to_owned() },
        change,
    };
    let text = str::to_owned;
    vec![
        difference("table", "cache", Change::Missing { expected: text("unlogged") }),
        difference(
            "column",
            "session.id",
            Change::Changed { expected: text("uuid not null"), found: text("uuid null") },
        ),
        difference("constraint", "cache.cache_key_key", Change::Obsolete { found: text("UNIQUE (key)") }),
        difference("function", "mine()", Change::Extra { found: String::new() }),
    ]
}

fn scratches() -> Vec<ScratchError> {
    vec![
        ScratchError::NoPrograms {
            looked: ["PATH", "/usr/lib/postgresql/*/bin"].map(str::to_owned).to_vec(),
            unfit: vec!["found: 14.23 in /usr/lib/postgresql/14/bin: too old".to_owned()],
        },
        ScratchError::NoUser,
        ScratchError::NoFolder("/var/folders/zz/long is too long for a socket".to_owned()),
        ScratchError::NotStarted {
            version: "17.6".to_owned(),
            folder: "/usr/lib/postgresql/17/bin".to_owned(),
            log: "FATAL:  could not create shared memory segment: No space left on device".to_owned(),
        },
        ScratchError::System("run initdb", io::Error::from(io::ErrorKind::PermissionDenied)),
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
        Error::Lost("connection reset by peer".to_owned()),
        Error::Unknown(Box::new(Error::Connect(unreachable))),
        Error::Changed,
        Error::Interrupted,
    ]
}

fn no_sessions() -> Vec<NoSession> {
    let unreachable = samples().into_iter().next().expect("there is one");
    vec![NoSession::Refused(unreachable), NoSession::Silent, NoSession::NotLent(NoClient::OnlyOne)]
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
