//! `pevensie-pg migrate`

use clap::Args;

use super::args::{ConnectionArgs, JsonArgs, LockArgs, ModuleArg, each_once, module_at_version, role};
use super::connection::{self, FULL_WAIT};
use super::databases::DatabasesArgs;
use super::event::{self, Weight};
use super::exit::Exit;
use super::failure::Failure;
use super::many::{Many, Outcome};
use super::run::{affects_others, carry_out, done, refuse, warn};
use super::ui::Ui;
use crate::explain;
use crate::export;
use crate::migration::bundle::Bundle;
use crate::migration::module::Module;
use crate::migration::plan::{Manner, Plan};
use crate::migration::right::Grants;
use crate::migration::role::Role;
use crate::migration::surroundings::IndexState;
use crate::migration::wish::{Target, Wish};
use crate::pg::apply::{Applied, Event, Run};
use crate::pg::database::Database;
use crate::pg::decide::{Adoption, Request};
use crate::pg::error::Error;
use crate::pg::look;
use crate::pg::session::Session;
use crate::pg::source::Source;
use crate::pg::state::State;
use crate::render::json::{self, Place, RunBody};
use crate::render::many::{Row, Word};
use crate::render::problem::{self, Gravity, Problem};
use crate::render::time::duration;
use crate::render::{counted, steps};
use crate::schema::promise::Promise;
use crate::schema::rights;

/// Print what brings a database up to date, or apply it
///
/// Without --apply the database is only read, and stdout gets exactly the statements that --apply would run: nothing when
/// nothing is pending. With --apply all of them run in one transaction, or none; only an index of a table that is in use is
/// built by itself, so that nobody who writes there has to wait.
#[derive(Args, Debug)]
pub struct MigrateArgs {
    /// What to install: base, auth or cache, up to a version or the newest
    #[arg(required = true, value_name = "MODULE[@VERSION]", value_parser = module_at_version)]
    modules: Vec<ModuleArg>,
    /// Run the statements
    #[arg(long)]
    apply: bool,
    /// Record modules that are there without any record, if they are exactly a known version
    #[arg(long)]
    adopt: bool,
    /// Build no index online: everything in one transaction, in which an index of a table in use
    /// blocks writes while it is built
    #[arg(long)]
    single_transaction: bool,
    /// Grant this role, by its exact name, what the driver needs of these modules, and nothing more;
    /// the role has to be there, and nothing is ever revoked
    #[arg(long, value_name = "ROLE", value_parser = role)]
    grant_to: Option<Role>,
    #[command(flatten)]
    databases: DatabasesArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

/// Runs the command.
pub async fn run(args: &MigrateArgs, ui: &Ui) -> Result<Exit, Failure> {
    let bundle = Bundle::embedded();
    let request = request(args, &bundle)?;
    let full_wait = if args.apply { args.lock.lock_wait } else { FULL_WAIT };
    if args.databases.are_many() {
        return apply_to_many(args, &request, &bundle, ui).await;
    }
    let mut database = connection::database(args.databases.address(), &args.connection, "migrate", full_wait, ui)?;
    if args.apply {
        apply(args, &request, &bundle, &mut database, ui).await
    } else {
        print(args, &request, &bundle, &mut database, ui).await
    }
}

fn request(args: &MigrateArgs, bundle: &Bundle) -> Result<Request, Failure> {
    each_once(args.modules.iter().map(|arg| arg.module))?;
    let target =
        |arg: &ModuleArg| (arg.module, arg.version.map_or(Target::Newest, |version| Target::Exactly(version.0)));
    let adoption = if args.adopt { Adoption::Found } else { Adoption::Recorded };
    let manner = if args.single_transaction { Manner::Transaction } else { Manner::Online };
    let wish = Wish::Migrate(args.modules.iter().map(target).collect());
    let level = |module: Module| {
        let version = args.modules.iter().find(|arg| arg.module == module).and_then(|arg| arg.version);
        (module, version.map_or_else(|| bundle.newest(module), |version| version.0))
    };
    let levels: Vec<_> = wish.modules().into_iter().map(level).collect();
    let grants = args.grant_to.clone().map(|role| Grants { role, rights: rights::needed(bundle, &levels) });
    Ok(Request { wish, adoption, manner, grants })
}

async fn print(
    args: &MigrateArgs,
    request: &Request,
    bundle: &Bundle,
    database: &mut Database,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let session = connection::open(database, ui).await?;
    let address = session.address();
    ui.busy("reading the ledger and the schema");
    let looked = look(args, request, bundle, &session).await;
    session.close().await;
    let (state, plan) = looked?;
    let obstacles = refuse(&state, &plan)?;
    let sql = export::sql::write(&plan);
    let json = || json::write("migrate", RunBody::printed(&state.around.server, &plan, sql.clone()));
    ui.result(&if args.json.json { json() } else { sql.clone() })?;
    // What it means comes last: on a terminal the statements may be long.
    warn(&obstacles, ui);
    let grants = plan.granted().count();
    match (plan.migrations().count(), plan.adopted().count()) {
        (0, 0) if grants > 0 => {}
        (0, 0) => ui.say(&up_to_date(request)),
        (pending, 0) => ui.say(&format!("{} pending in {address}", counted(pending, "migration"))),
        (0, adopted) => ui.say(&format!("{} to be adopted in {address}", counted(adopted, "migration"))),
        (pending, adopted) => {
            ui.say(&format!("{} to be adopted, {pending} pending in {address}", counted(adopted, "migration")));
        }
    }
    if let Some((role, _)) = plan.granted().next() {
        ui.say(&format!("{} pending for role {role} in {address}", counted(grants, "grant")));
    }
    if affects_others(&plan) {
        ui.say(steps::planned(&plan).trim_end());
    }
    for index in state.around.indexes.iter().filter(|index| index.state == IndexState::BeingBuilt) {
        let problem = Problem::new(format!("another session is building index pevensie.{} at this moment", index.name));
        ui.problem(&problem.with_hint(Some("look again when it is done")), Gravity::Warning);
    }
    if plan.batches().iter().any(|batch| batch.manner == Manner::Online) {
        ui.hint(
            "some of these statements cannot run in a transaction:\n\
             psql -v ON_ERROR_STOP=1 runs them;\n\
             for a tool that puts them into one, add --single-transaction",
        );
    }
    if !plan.is_empty() {
        ui.hint("to run these statements, add --apply");
    }
    Ok(Exit::Done)
}

async fn look<'b>(
    args: &MigrateArgs,
    request: &'b Request,
    bundle: &'b Bundle,
    session: &Session,
) -> Result<(State, Plan<'b>), Error> {
    let limits = args.connection.limits();
    let state = look::state(session, &limits, request.grantee()).await?;
    if !request.needs_catalog(&state.ledger) {
        let plan = request.plan(bundle, &state.facts(), None)?;
        if plan.built_before().is_empty() {
            return Ok((state, plan));
        }
    }
    let (state, live) = look::state_and_catalog(session, &limits, request.grantee()).await?;
    let plan = request.plan(bundle, &state.facts(), Some(&live))?;
    let others = Promise::of(bundle, &state.ledger, &plan).broken_by(&plan.built_before(), &live);
    if others.is_empty() { Ok((state, plan)) } else { Err(Error::OtherIndex(others)) }
}

async fn apply(
    args: &MigrateArgs,
    request: &Request,
    bundle: &Bundle,
    database: &mut Database,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let session = connection::open(database, ui).await?;
    let limits = args.lock.limits(&args.connection);
    let run = Run { source: Source::Opened(database), bundle, request, agreed: None, limits: &limits };
    let applied = carry_out(&run, session, args.json.form(), ui).await?;
    ui.say(&if applied.plan.is_empty() { up_to_date(request) } else { done(&applied) });
    if args.json.json {
        ui.result(&json::write("migrate", RunBody::applied(&applied.server, &applied.plan)))?;
    }
    Ok(Exit::Done)
}

/// Applies the same to many databases, to each by itself.
async fn apply_to_many(args: &MigrateArgs, request: &Request, bundle: &Bundle, ui: &Ui) -> Result<Exit, Failure> {
    if !args.apply {
        let message = "the statements are printed for one database; several are migrated with --apply";
        return Err(Failure::usage(message, Some("what is pending where: pevensie-pg status --check")));
    }
    let many = Many {
        command: "migrate",
        databases: &args.databases,
        connection: &args.connection,
        full_wait: args.lock.lock_wait,
        form: args.json.form(),
    };
    let limits = args.lock.limits(&args.connection);
    let work = async |database: &Database, place: Place<'_>| {
        let session = database.open(&mut |_| ()).await?;
        let mut details = String::new();
        let mut tell = |event: Event<'_>| {
            let text = || explain::event::text(&event);
            match event::weight(&event) {
                Weight::Warning => details += &problem::text(&Problem::new(text()), Gravity::Warning),
                Weight::Wait => ui.whisper(&format!("{}: {}", place.address, text())),
                Weight::Turn | Weight::Progress | Weight::Word | Weight::None => {}
            }
        };
        let run = Run { source: Source::Opened(database), bundle, request, agreed: None, limits: &limits };
        let applied = Box::pin(run.apply(session, &mut tell)).await.map_err(|stopped| Failure::stopped(*stopped))?;
        let document = many.document(place, RunBody::applied(&applied.server, &applied.plan));
        Ok(Outcome { exit: Exit::Done, row: Row { details, ..row(&applied) }, document, annotations: String::new() })
    };
    many.run(work, ui).await
}

/// What became of a database, in a line.
fn row(applied: &Applied<'_>) -> Row {
    let Applied { plan, elapsed, .. } = applied;
    let (migrations, adopted, grants) = (plan.migrations().count(), plan.adopted().count(), plan.granted().count());
    let counts = [(adopted, "adoption"), (migrations, "migration"), (grants, "grant")];
    let counts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| counted(*n, what)).collect();
    if plan.is_empty() {
        return Row { word: Word::Unchanged, summary: String::new(), details: String::new() };
    }
    let summary = format!("{} in {}", counts.join(", "), duration(*elapsed));
    Row { word: Word::Applied, summary, details: String::new() }
}

fn up_to_date(request: &Request) -> String {
    let modules: Vec<&str> = request.wish.modules().into_iter().map(Module::name).collect();
    let grantee = request.grantee().map(|role| format!(", and role {role} has what it needs"));
    format!(
        "nothing to do: {} up to date{grantee}",
        match modules.split_last() {
            Some((last, most @ [_, ..])) => format!("{} and {last} are", most.join(", ")),
            _ => format!("{} is", modules.concat()),
        },
        grantee = grantee.unwrap_or_default()
    )
}
