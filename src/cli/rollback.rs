//! `pevensie-pg rollback`

use std::num::NonZeroU32;

use clap::Args;

use super::args::{
    AddressArgs, ConnectionArgs, JsonArgs, LockArgs, ModuleArg, VersionArg, each_once, module_at_version, steps,
    version,
};
use super::connection::{self, FULL_WAIT};
use super::exit::Exit;
use super::failure::Failure;
use super::run::{carry_out, done, refuse, warn};
use super::ui::Ui;
use crate::export;
use crate::migration::bundle::Bundle;
use crate::migration::impact;
use crate::migration::objects::{self, Kind};
use crate::migration::plan::{Manner, Plan};
use crate::migration::wish::{Depth, Wish};
use crate::pg::apply::Run;
use crate::pg::decide::{Adoption, Request};
use crate::pg::error::Error;
use crate::pg::look;
use crate::pg::session::Session;
use crate::pg::source::Source;
use crate::pg::state::State;
use crate::render::json::{self, RunBody};
use crate::render::loss::{self, Loss, MOST_ROWS_COUNTED};

/// Print what rolls migrations back, or apply it
///
/// One migration of each named module, or --steps of them, or down to a version that stays. Before --apply says what is
/// lost and asks; without a terminal it needs --yes. When the last module goes, the ledger and the schema go with it.
#[derive(Args, Debug)]
pub struct RollbackArgs {
    /// What to roll back: base, auth or cache, down to and keeping a version
    #[arg(required = true, value_name = "MODULE[@VERSION]", value_parser = module_at_version)]
    modules: Vec<ModuleArg>,
    /// How many migrations of each module [default: 1]
    #[arg(long, value_name = "N", value_parser = steps, conflicts_with = "to")]
    steps: Option<NonZeroU32>,
    /// Down to this version, which stays; 0 removes everything of the modules
    #[arg(long, value_name = "VERSION", value_parser = version)]
    to: Option<VersionArg>,
    /// Run the statements
    #[arg(long)]
    apply: bool,
    /// Do not ask before data is lost
    #[arg(short, long, requires = "apply")]
    yes: bool,
    #[command(flatten)]
    address: AddressArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

/// Runs the command.
pub async fn run(args: &RollbackArgs, ui: &Ui) -> Result<Exit, Failure> {
    let request = request(args)?;
    if args.apply && !args.yes && !Ui::can_ask() {
        let message = "rollback --apply asks before data is lost, and there is no terminal to ask on";
        return Err(Failure::usage(message, Some("add --yes to agree beforehand")));
    }
    let bundle = Bundle::embedded();
    let full_wait = if args.apply { args.lock.lock_wait } else { FULL_WAIT };
    let mut database = connection::database(args.address.addr.as_deref(), &args.connection, "rollback", full_wait, ui)?;
    let session = connection::open(&mut database, ui).await?;
    let address = session.address();
    ui.busy("counting what would be lost");
    let looked = look(args, &request, &bundle, &session).await;
    session.close().await;
    let (state, plan, losses) = looked?;
    if plan.is_empty() {
        ui.say("nothing to do: nothing above that version is installed");
        let body = if args.apply {
            RunBody::applied(&state.around.server, &plan)
        } else {
            RunBody::printed(&state.around.server, &plan, String::new())
        };
        ui.result(&if args.json.json { json::write("rollback", body) } else { String::new() })?;
        return Ok(Exit::Done);
    }
    let announcement = format!("to be rolled back in {address}:\n{}", loss::text(&losses));
    if !args.apply {
        return print(args, &state, &plan, &announcement, ui);
    }
    if args.yes {
        ui.say(announcement.trim_end());
    } else {
        ui.raw(&announcement);
    }
    let loses_data = losses.iter().any(|loss| !loss.tables.is_empty());
    let question = if loses_data { "Roll back and lose this data?" } else { "Roll back?" };
    if !args.yes && !ui.confirm(question, &database.interrupt).await? {
        return Err(Failure::Declined);
    }
    let session = connection::open(&mut database, ui).await?;
    let limits = args.lock.limits(&args.connection);
    let run = Run {
        source: Source::Opened(&database),
        bundle: &bundle,
        request: &request,
        agreed: Some(&plan),
        limits: &limits,
    };
    let applied = carry_out(&run, session, args.json.form(), ui).await?;
    ui.say(&done(&applied));
    if args.json.json {
        ui.result(&json::write("rollback", RunBody::applied(&applied.server, &applied.plan)))?;
    }
    Ok(Exit::Done)
}

fn request(args: &RollbackArgs) -> Result<Request, Failure> {
    each_once(args.modules.iter().map(|arg| arg.module))?;
    let named = args.modules.iter().find_map(|arg| arg.version.map(|_| arg.module));
    if let Some(module) = named.filter(|_| args.steps.is_some() || args.to.is_some()) {
        let message = format!("{module}@VERSION says already how far to go back");
        return Err(Failure::usage(message, Some("leave out --steps and --to")));
    }
    let depth = |arg: &ModuleArg| match arg.version.or(args.to) {
        Some(version) => Depth::To(version.0),
        None => Depth::Steps(args.steps.unwrap_or(NonZeroU32::MIN)),
    };
    let wish = Wish::Rollback(args.modules.iter().map(|arg| (arg.module, depth(arg))).collect());
    Ok(Request { wish, adoption: Adoption::Recorded, manner: Manner::Transaction, grants: None })
}

/// Reads the state, plans, and counts what would be lost.
async fn look<'b>(
    args: &RollbackArgs,
    request: &'b Request,
    bundle: &'b Bundle,
    session: &Session,
) -> Result<(State, Plan<'b>, Vec<Loss<'b>>), Error> {
    let limits = args.connection.limits();
    let state = look::state(session, &limits, None).await?;
    let plan = request.plan(bundle, &state.facts(), None)?;
    let mut losses = Vec::new();
    for (step, effects) in impact::of_plan(&plan) {
        let Some((migration, direction)) = step.migration() else { continue };
        let mut tables = Vec::new();
        for object in objects::dropped(migration.sql(direction)).into_iter().filter(|o| o.kind == Kind::Table) {
            let rows = look::count_rows(session, &limits, &object.name, MOST_ROWS_COUNTED).await?;
            tables.push((object.name, rows));
        }
        losses.push(Loss { migration, tables, effects });
    }
    Ok((state, plan, losses))
}

fn print(args: &RollbackArgs, state: &State, plan: &Plan<'_>, announcement: &str, ui: &Ui) -> Result<Exit, Failure> {
    let obstacles = refuse(state, plan)?;
    let sql = export::sql::write(plan);
    let text =
        if args.json.json { json::write("rollback", RunBody::printed(&state.around.server, plan, sql)) } else { sql };
    ui.result(&text)?;
    ui.say(announcement.trim_end());
    warn(&obstacles, ui);
    ui.hint("to run these statements, add --apply");
    Ok(Exit::Done)
}
