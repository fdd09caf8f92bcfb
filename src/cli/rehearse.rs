//! `pevensie-pg rehearse`

use std::time::{Duration, Instant};

use clap::Args;

use super::args::{AddressArgs, ConnectionArgs, JsonArgs, each_once, module};
use super::connection::{self, FULL_WAIT};
use super::event;
use super::exit::Exit;
use super::failure::Failure;
use super::ui::Ui;
use crate::migration::bundle::Bundle;
use crate::migration::limits::Limits;
use crate::migration::module::Module;
use crate::migration::rehearsal::{self, Part, Stage};
use crate::pg::apply::Event;
use crate::pg::decide::Request;
use crate::pg::error::Error;
use crate::pg::interrupt::Interrupt;
use crate::pg::options::OptionsError;
use crate::pg::scratch::{
    Kept, Leftover, Programs, Purpose, Rehearsed, Scratch, ScratchDatabase, ScratchServer, rehearse, request,
};
use crate::render::json::{self, DatabaseBody, KeptBody, RehearsalBody, StageBody};
use crate::render::problem::{self, Gravity, Problem};
use crate::render::rehearsal::{heading, place, summary, verified};

/// Prove the migrations on a scratch database
///
/// Every migration goes up and down by itself, then all of them together, also as an upgrade with online steps. The schema
/// is compared with what it should be after each, and nothing may be left in the end. With an address the scratch database
/// is on that server, whose role needs CREATEDB; without one a throw-away PostgreSQL is started from the programs on this
/// machine. Either goes when it is over.
#[derive(Args, Debug)]
pub struct RehearseArgs {
    /// Which modules: base, auth or cache; base comes along with the other two [default: all]
    #[arg(value_name = "MODULE", value_parser = module)]
    modules: Vec<Module>,
    /// Leave the database, with everything installed, and print its address; how to remove it
    /// is said on stderr
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    address: AddressArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

const REMOVING: &str = "removing what was rehearsed on";

/// Runs the command.
pub async fn run(args: &RehearseArgs, ui: &Ui) -> Result<Exit, Failure> {
    each_once(args.modules.iter().copied())?;
    let bundle = Bundle::embedded();
    let modules = if args.modules.is_empty() { &Module::ALL[..] } else { &args.modules };
    let stages: Vec<(Stage, Request)> =
        rehearsal::stages(&bundle, modules).into_iter().map(|stage| (stage.clone(), request(&stage))).collect();
    let began = Instant::now();
    let scratch = Box::pin(scratch(args, ui)).await?;
    let runs = match Box::pin(walk(args, &bundle, &stages, &scratch, ui)).await {
        Ok(runs) => runs,
        Err(failure) => {
            ui.busy(REMOVING);
            return Err(match scratch.remove().await {
                Ok(()) => failure,
                Err(leftover) => left(failure, &leftover),
            });
        }
    };
    let elapsed = began.elapsed();
    if args.keep {
        let kept = scratch.keep().map_err(Error::from)?;
        conclude(args, &runs, elapsed, Some(kept), ui)?;
        return Ok(Exit::Done);
    }
    ui.busy(REMOVING);
    let removed = scratch.remove().await;
    match (conclude(args, &runs, elapsed, None, ui), removed) {
        (concluded, Ok(())) => concluded.map(|()| Exit::Done),
        (Ok(()), Err(leftover)) => {
            ui.problem(&of_leftover(&leftover), Gravity::Error);
            Ok(Exit::Failed)
        }
        (Err(failure), Err(leftover)) => Err(left(failure, &leftover)),
    }
}

/// Reports a failure, and what it leaves behind.
fn left(failure: Failure, leftover: &Leftover) -> Failure {
    Failure::Left(Box::new(failure), Box::new(of_leftover(leftover)))
}

/// Makes a scratch database on the server that is given; where none is, on one of its own.
async fn scratch(args: &RehearseArgs, ui: &Ui) -> Result<Scratch, Failure> {
    let mut given =
        match connection::database(args.address.addr.as_deref(), &args.connection, "rehearse", FULL_WAIT, ui) {
            Err(Failure::Database(Error::Options(OptionsError::NothingGiven), _)) => return server(args, ui).await,
            given => given?,
        };
    let session = connection::open(&mut given, ui).await?;
    ui.busy("creating a scratch database");
    let scratch = Box::pin(ScratchDatabase::create(&given, session)).await?;
    ui.say(&format!("rehearsing in scratch {}", scratch.address()));
    Ok(Scratch::Database(Box::new(scratch)))
}

async fn server(args: &RehearseArgs, ui: &Ui) -> Result<Scratch, Failure> {
    let programs = Programs::find().map_err(Error::from)?;
    let purpose = if args.keep { Purpose::Work } else { Purpose::Rehearsal };
    // From the moment on at which somebody may have read that it starts.
    let interrupt = Interrupt::listen();
    let why = format!("starting a throw-away PostgreSQL {} from {}", programs.version, programs.folder.display());
    ui.wait(&why, "starting PostgreSQL");
    let database = |settings| connection::at(settings, &args.connection, "rehearse", FULL_WAIT, interrupt);
    match Box::pin(ScratchServer::start(&programs, purpose, database)).await {
        Ok(server) => Ok(Scratch::Server(Box::new(server))),
        Err((error, None)) => Err(error.into()),
        Err((error, Some(leftover))) => Err(left(error.into(), &leftover)),
    }
}

/// Goes through all stages, and says of each when it is verified.
async fn walk<'b>(
    args: &RehearseArgs,
    bundle: &'b Bundle,
    stages: &'b [(Stage, Request)],
    scratch: &Scratch,
    ui: &Ui,
) -> Result<Vec<(Part, Rehearsed<'b>)>, Failure> {
    // Others may only be there by accident.
    let Limits { lock_wait, lock_timeout, .. } = Limits::default();
    let limits = Limits { lock_wait, lock_timeout, ..args.connection.limits() };
    let mut runs: Vec<(Part, Rehearsed<'b>)> = Vec::new();
    for (stage, request) in stages {
        let mut migration = None;
        let mut tell = |event: Event<'_>| {
            if let Event::Planned(plan) = event {
                migration = plan.migrations().next().map(|(m, _)| format!("{} {} {}", m.module, m.version, m.name));
            } else if !is_of_the_rehearsal(&event) {
                event::tell(ui, &event);
            }
        };
        ui.busy(&format!("rehearsing {}", place(stage.part, None)));
        let rehearsed = rehearse(bundle, scratch.database(), (stage, request), &limits, &mut tell).await;
        let at = || place(stage.part, migration.as_deref().filter(|_| matches!(stage.part, Part::Up | Part::Down)));
        let rehearsed = rehearsed.map_err(|error| Failure::rehearsed(error, at()))?;
        report(args, &line(bundle, &runs, stage, &rehearsed), ui)?;
        runs.push((stage.part, rehearsed));
    }
    Ok(runs)
}

/// Says whether an event belongs to what is rehearsed, of which only the end is told.
fn is_of_the_rehearsal(event: &Event<'_>) -> bool {
    matches!(event, Event::Online(_) | Event::Building(_) | Event::Running(_) | Event::Committing)
}

fn line(bundle: &Bundle, runs: &[(Part, Rehearsed<'_>)], stage: &Stage, rehearsed: &Rehearsed<'_>) -> String {
    let before = runs.last().map(|(part, _)| *part);
    heading(before, stage.part) + &verified(bundle, stage, &rehearsed.plan, rehearsed.elapsed)
}

/// The report is the result, except where that is an address or a document.
fn report(args: &RehearseArgs, text: &str, ui: &Ui) -> Result<(), Failure> {
    match (args.json.json, args.keep) {
        (true, _) => Ok(()),
        (false, true) => {
            ui.say(text.trim_end());
            Ok(())
        }
        (false, false) => ui.result(text),
    }
}

fn conclude(
    args: &RehearseArgs,
    runs: &[(Part, Rehearsed<'_>)],
    elapsed: Duration,
    kept: Option<Kept>,
    ui: &Ui,
) -> Result<(), Failure> {
    let Some((_, last)) = runs.last() else { return Ok(()) };
    report(args, &summary(last.plan.migrations().count(), &last.server, elapsed), ui)?;
    if let Some(Kept { removal, .. }) = &kept {
        let hint = format!("it stays; to remove it, run: {removal}");
        // Nobody else knows how, unless it is in the document; so --quiet is no reason to keep it back.
        if args.json.json { ui.hint(&hint) } else { ui.raw(&problem::hint(&hint)) }
    }
    if args.json.json {
        let runs = runs.iter().map(|(part, run)| StageBody::of(*part, &run.plan, run.elapsed)).collect();
        let kept = kept.map(|Kept { address, removal }| KeptBody { address, removal });
        let (database, milliseconds) = (DatabaseBody::of(&last.server), elapsed.as_millis());
        return ui.result(&json::write("rehearse", RehearsalBody { database, runs, milliseconds, kept }));
    }
    kept.map_or(Ok(()), |kept| ui.result(&format!("{}\n", kept.address)))
}

/// Says what is left, and how to get rid of it.
fn of_leftover(Leftover { what, why, removal }: &Leftover) -> Problem {
    let problem = Problem::new(format!("{what} could not be removed: {why}"));
    problem.with_hint(Some(format!("to remove it, run: {removal}")))
}
