//! `pevensie-pg migrate`

use std::time::Duration;

use clap::Args;

use super::args::{ConnectionArgs, JsonArgs, LockArgs, ModuleArg, each_once, module_at_version};
use super::connection;
use super::exit::Exit;
use super::failure::Failure;
use super::ui::Ui;
use crate::export;
use crate::migration::bundle::Bundle;
use crate::migration::module::Module;
use crate::migration::plan::Plan;
use crate::migration::preflight::{self, Refusal};
use crate::migration::wish::{Target, Wish};
use crate::pg::apply::{self, Applied, Ending, decide};
use crate::pg::database::Database;
use crate::pg::error::Error;
use crate::pg::state::{self, Log, State};
use crate::render::json::{self, RunBody};
use crate::render::problem::{Gravity, Problem};
use crate::render::steps::{self, Words};

/// Print what brings a database up to date, or apply it
///
/// Without --apply the database is only read, and stdout gets exactly the statements that --apply would run: nothing when
/// nothing is pending. With --apply all of them run in one transaction, or none.
#[derive(Args, Debug)]
pub struct MigrateArgs {
    /// What to install: base, auth or cache, up to a version or the newest
    #[arg(required = true, value_name = "MODULE[@VERSION]", value_parser = module_at_version)]
    modules: Vec<ModuleArg>,
    /// Run the statements
    #[arg(long)]
    apply: bool,
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

/// Runs the command.
pub async fn run(args: &MigrateArgs, ui: &Ui) -> Result<Exit, Failure> {
    let wish = wish(args)?;
    let bundle = Bundle::embedded();
    let mut database = connection::database(&args.connection, "migrate", ui)?;
    if args.apply {
        apply(args, &wish, &bundle, &mut database, ui).await
    } else {
        print(args, &wish, &bundle, &mut database, ui).await
    }
}

fn wish(args: &MigrateArgs) -> Result<Wish, Failure> {
    each_once(args.modules.iter().map(|arg| arg.module))?;
    let target =
        |arg: &ModuleArg| (arg.module, arg.version.map_or(Target::Newest, |version| Target::Exactly(version.0)));
    Ok(Wish::Migrate(args.modules.iter().map(target).collect()))
}

async fn print(
    args: &MigrateArgs,
    wish: &Wish,
    bundle: &Bundle,
    database: &mut Database,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let session = connection::open(database, ui).await?;
    let address = session.connection().address.to_string();
    let state = state::glance(&session, &args.connection.limits(), Log::Latest).await;
    session.close().await;
    let state = state?;
    let plan = decide(bundle, wish, &state)?;
    refuse_or_warn(&state, &plan, ui)?;
    let sql = export::sql::write(&plan);
    match plan.migrations().count() {
        0 => ui.say(&up_to_date(wish)),
        1 => ui.say(&format!("1 migration is pending in {address}")),
        pending => ui.say(&format!("{pending} migrations are pending in {address}")),
    }
    if !plan.is_empty() {
        ui.hint("to run these statements, add --apply");
    }
    let json = || json::write("migrate", RunBody::printed(&state.around, &plan, sql.clone()));
    ui.result(&if args.json.json { json() } else { sql.clone() })?;
    Ok(Exit::Done)
}

async fn apply(
    args: &MigrateArgs,
    wish: &Wish,
    bundle: &Bundle,
    database: &mut Database,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let limits = args.lock.limits(&args.connection);
    let Applied { plan, state, elapsed, ending } =
        apply::apply(database, bundle, wish, None, &limits, &mut |event| connection::event(ui, &event)).await?;
    if args.json.json {
        ui.result(&json::write("migrate", RunBody::applied(&state.around, &plan)))?;
    } else {
        ui.result(&steps::text(plan.migrations(), Words::Done))?;
    }
    if plan.is_empty() {
        ui.say(&up_to_date(wish));
    } else {
        ui.say(&done(&state, elapsed, ending));
    }
    Ok(Exit::Done)
}

/// What is wrong with the database itself stops everybody; what this session may not do is only worth a word, because
/// another one will run what is printed.
pub fn refuse_or_warn(state: &State, plan: &Plan<'_>, ui: &Ui) -> Result<(), Failure> {
    let (stop, warn): (Vec<_>, Vec<_>) =
        preflight::refusals(&state.around, plan).into_iter().partition(Refusal::is_about_the_database);
    if !stop.is_empty() {
        return Err(Error::Refused(stop).into());
    }
    for refusal in warn {
        let problem = Problem::new(format!("with --apply this would fail here: {refusal}"));
        ui.problem(&problem.with_hint(Some(refusal.hint())), Gravity::Warning);
    }
    Ok(())
}

/// Says that something was done, and how that is known.
pub fn done(state: &State, elapsed: Duration, ending: Ending) -> String {
    let how = match ending {
        Ending::Confirmed => "done",
        Ending::FoundOut => "the connection was lost during the commit, but the ledger says that it is done",
    };
    let elapsed = match elapsed.as_millis() {
        milliseconds @ ..1000 => format!("{milliseconds} ms"),
        _ => format!("{:.1} s", elapsed.as_secs_f64()),
    };
    format!("{how}: database {} in {elapsed}", state.around.database)
}

fn up_to_date(wish: &Wish) -> String {
    let modules: Vec<&str> = wish.modules().into_iter().map(Module::name).collect();
    format!(
        "nothing to do: {} up to date",
        match modules.as_slice() {
            [one] => format!("{one} is"),
            [most @ .., last] => format!("{} and {last} are", most.join(", ")),
            [] => "everything is".to_owned(),
        }
    )
}
