//! `pevensie-pg status`

use clap::Args;

use super::args::{ConnectionArgs, JsonArgs, module};
use super::connection;
use super::exit::Exit;
use super::failure::Failure;
use super::ui::Ui;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::status::{Status, Verdict};
use crate::pg::state::{self, Log, State};
use crate::render::json::{self, StatusBody};
use crate::render::{annotation, status};

/// Show what a database has and what is pending or wrong
///
/// Never writes; works on a standby and for a role that may only read. Without a module it shows all that the database
/// has. With --check the exit code tells: 0 good, 3 pending or nothing installed, 4 the history is wrong.
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// Which modules: base, auth or cache; base comes along with the other two
    #[arg(value_name = "MODULE", value_parser = module)]
    modules: Vec<Module>,
    /// Set the exit code, for CI
    #[arg(long)]
    check: bool,
    /// Show every record of the log, too
    #[arg(long)]
    history: bool,
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

/// Runs the command.
pub async fn run(args: &StatusArgs, ui: &Ui) -> Result<Exit, Failure> {
    let bundle = Bundle::embedded();
    let mut database = connection::database(&args.connection, "status", ui)?;
    let session = connection::open(&mut database, ui).await?;
    let log = if args.history || args.json.json { Log::Whole } else { Log::Latest };
    let address = session.connection().address.to_string();
    let state = state::glance(&session, &args.connection.limits(), log).await;
    session.close().await;
    let state = state?;
    let status = Status::of(&bundle, &state.ledger, &args.modules);
    ui.say(&format!("{address}, PostgreSQL {}", state.around.server_version.split(' ').next().unwrap_or_default()));
    ui.result(&result(args, &bundle, &state, &status))?;
    if args.check && std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true") {
        ui.raw(&annotation::text(&status));
    }
    advise(&state, &status, ui);
    Ok(if args.check { Exit::of_verdict(status.verdict()) } else { Exit::Done })
}

fn result(args: &StatusArgs, bundle: &Bundle, state: &State, shown: &Status<'_>) -> String {
    if args.json.json {
        let body = StatusBody::of(&state.around, &state.ledger, shown, bundle.migrations(), &state.history);
        return json::write("status", body);
    }
    let status = status::text(shown);
    if args.history { format!("{status}\n{}", status::history(&state.history)) } else { status }
}

/// Says what it comes to, and what to do next.
fn advise(state: &State, status: &Status<'_>, ui: &Ui) {
    match (status.verdict(), &state.ledger) {
        (Verdict::Good, _) => ui.say("everything is as it should be"),
        (Verdict::Pending, Ledger::Absent) if status.modules.is_empty() => {
            ui.say("Pevensie is not installed in this database");
            ui.hint("pevensie-pg migrate auth cache");
        }
        (Verdict::Pending, _) => {
            let modules: Vec<&str> = status.modules.iter().map(|m| m.module.name()).collect();
            ui.hint(&format!("pevensie-pg migrate {} --apply", modules.join(" ")));
        }
        (Verdict::Faulty, _) => ui.say("the history is wrong: nothing will be changed until that is mended"),
    }
}
