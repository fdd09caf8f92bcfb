//! `pevensie-pg status`

mod advice;
mod found;
mod report;

use clap::Args;

use super::args::{ConnectionArgs, JsonArgs, module, role};
use super::connection::{self, FULL_WAIT};
use super::databases::DatabasesArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::many::{Many, Outcome};
use super::ui::Ui;
use crate::migration::bundle::Bundle;
use crate::migration::module::Module;
use crate::migration::refusal::Refusal;
use crate::migration::role::Role;
use crate::pg::database::Database;
use crate::pg::error::Error;
use crate::pg::look::{self, Log, Survey};
use crate::pg::session::Session;
use crate::render::json::{self, Place};
use crate::render::{annotation, postgresql};
use found::Found;

/// Show what a database has and what is pending or wrong
///
/// Never writes; works on a standby and for a role that may only read. Without a module it shows all that the database
/// has. With --check the exit code tells: 0 good, 3 pending or nothing installed, 4 the history is wrong, 5 the live
/// schema is not what its versions say, or the role named lacks what it needs.
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// Which modules: base, auth or cache; base comes along with the other two
    #[arg(value_name = "MODULE", value_parser = module)]
    modules: Vec<Module>,
    /// Set the exit code, for CI
    #[arg(long)]
    check: bool,
    /// Take objects that somebody added to the schema for an error, and what --app-role has too much
    #[arg(long)]
    strict: bool,
    /// Say what this role, by its exact name, lacks to use the modules as the driver does (an error),
    /// and what it may do beyond that (a warning)
    #[arg(long, value_name = "ROLE", value_parser = role)]
    app_role: Option<Role>,
    /// Show the history, too: every record of what was done
    #[arg(long)]
    history: bool,
    #[command(flatten)]
    databases: DatabasesArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

/// Runs the command.
pub async fn run(args: &StatusArgs, ui: &Ui) -> Result<Exit, Failure> {
    if args.databases.are_many() {
        return of_many(args, ui).await;
    }
    let bundle = Bundle::embedded();
    let mut database = connection::database(args.databases.address(), &args.connection, "status", FULL_WAIT, ui)?;
    let session = connection::open(&mut database, ui).await?;
    let address = session.address();
    ui.busy("reading the ledger and the schema");
    let survey = survey(args, session).await?;
    let found = Found::of(args, &bundle, &survey);
    ui.say(&format!("{address}, {}", postgresql(&survey.glimpse.server)));
    let document = || json::write("status", report::body(&found));
    ui.result(&if args.json.json { document() } else { report::text(args, &found) })?;
    ui.raw(&report::annotations(args, &found));
    advice::advise(&found, ui);
    Ok(exit(args, &found))
}

fn exit(args: &StatusArgs, found: &Found<'_>) -> Exit {
    if args.check { Exit::of_verdict(found.verdict) } else { Exit::Done }
}

async fn survey(args: &StatusArgs, session: Session) -> Result<Survey, Error> {
    let log = if args.history || args.json.json { Log::Whole } else { Log::Latest };
    let surveyed = look::survey(&session, &args.connection.limits(), args.app_role.as_ref(), log).await;
    session.close().await;
    let survey = surveyed?;
    match &args.app_role {
        Some(role) if survey.glimpse.grantee.as_ref().is_some_and(|grantee| !grantee.exists) => {
            Err(Error::Refused(vec![Refusal::NoSuchRole { role: role.clone() }]))
        }
        _ => Ok(survey),
    }
}

/// Looks at many databases, and says of each in a line what it comes to.
async fn of_many(args: &StatusArgs, ui: &Ui) -> Result<Exit, Failure> {
    if args.history {
        return Err(Failure::usage("--history is for one database", Some("with --json the records are there, too")));
    }
    let bundle = Bundle::embedded();
    let many = Many {
        command: "status",
        databases: &args.databases,
        connection: &args.connection,
        full_wait: FULL_WAIT,
        form: args.json.form(),
    };
    let work = async |database: &Database, place: Place<'_>| {
        let session = database.open(&mut |_| ()).await?;
        let survey = survey(args, session).await?;
        let found = Found::of(args, &bundle, &survey);
        let document = many.document(place, report::body(&found));
        let annotations = annotation::at(place.address, &report::annotations(args, &found));
        Ok(Outcome { exit: exit(args, &found), row: report::row(&found), document, annotations })
    };
    many.run(work, ui).await
}
