//! From arguments to a database.

use std::time::Duration;

use super::args::ConnectionArgs;
use super::failure::Failure;
use super::obstacle;
use super::ui::Ui;
use crate::pg::apply::{Event, Progress};
use crate::pg::connect::Transport;
use crate::pg::database::Database;
use crate::pg::error::Error;
use crate::pg::interrupt::Interrupt;
use crate::pg::options::{Secret, Settings};
use crate::pg::session::Session;
use crate::render::problem::{Gravity, Problem};
use crate::render::steps;

/// How long a command keeps trying that takes no lock, while the server has as many sessions as it may have.
pub const FULL_WAIT: Duration = Duration::from_secs(10);

/// Resolves where the database is, without connecting.
pub fn database(args: &ConnectionArgs, command: &str, full_wait: Duration, ui: &Ui) -> Result<Database, Failure> {
    let settings = Settings::from_sources(args.addr.as_deref(), &|name| std::env::var(name).ok())?;
    if let Some(warning) = settings.warning() {
        ui.problem(&Problem::new(warning), Gravity::Warning);
    }
    for (keyword, value, origin) in settings.described() {
        ui.whisper(&format!("{keyword} = {value}  ({origin})"));
    }
    Ok(at(settings, args, command, full_wait, Interrupt::listen()))
}

/// Makes a database of settings.
pub fn at(
    settings: Settings,
    args: &ConnectionArgs,
    command: &str,
    full_wait: Duration,
    interrupt: Interrupt,
) -> Database {
    Database {
        settings,
        application: application(command),
        connect_timeout: args.connect_timeout,
        wait: args.wait.unwrap_or(Duration::ZERO),
        full_wait,
        interrupt,
    }
}

/// The name under which others see this session while they wait for it; PostgreSQL keeps 63 bytes of it.
fn application(command: &str) -> String {
    let system = rustix::system::uname();
    let host: String = system.nodename().to_string_lossy().chars().filter(char::is_ascii_graphic).take(30).collect();
    format!("pevensie-pg {command} {host}:{}", std::process::id())
}

/// Opens a session, asking for a password where the server wants one and somebody can answer.
pub async fn open(database: &mut Database, ui: &Ui) -> Result<Session, Failure> {
    ui.busy(&format!("connecting to {}", database.settings.address()));
    let session = open_asking(database, ui).await?;
    let connection = session.connection();
    let transport = match connection.transport {
        Transport::Socket => "over a Unix-domain socket",
        Transport::Plain => "over TCP, not encrypted",
        Transport::Tls => "over TCP, encrypted",
    };
    ui.whisper(&format!("connected to {} {transport}; PostgreSQL {}", connection.address, connection.server_version));
    Ok(session)
}

async fn open_asking(database: &mut Database, ui: &Ui) -> Result<Session, Failure> {
    match database.open(&mut |error| event(ui, &Event::Connecting(error))).await {
        Err(Error::Connect(error)) if error.needs_password() && Ui::can_ask() => {
            let question = format!("Password for {}", database.settings.address());
            let password = ui.password(&question, &database.interrupt).await?;
            database.settings = database.settings.clone().with_password(Secret::new(password));
            Ok(database.open(&mut |error| event(ui, &Event::Connecting(error))).await?)
        }
        opened => Ok(opened?),
    }
}

/// Tells what a run does and waits for.
pub fn event(ui: &Ui, event: &Event<'_>) {
    match event {
        Event::Connecting(error) => ui.wait(&format!("waiting for the server: {error}"), "waiting for the server"),
        Event::Waiting(holder) => {
            let why = format!("waiting for another migrator to finish{}", obstacle::held_by(*holder));
            ui.wait(&why, "waiting for another migrator to finish");
        }
        Event::BeingBuilt(index) => {
            ui.wait(&format!("waiting for another session to build index pevensie.{index}"), "waiting for the index");
        }
        Event::Planned(_) | Event::Done(_) => {}
        Event::Blocked(blockers) => {
            ui.wait(&format!("waiting for a lock{}", obstacle::blocked_by(blockers)), "waiting for a lock");
        }
        Event::BlockedAgain => ui.busy("waiting for a lock"),
        Event::Queued(location) => {
            let statement = location.as_ref().and_then(|l| l.sql[l.span.clone()].lines().next());
            let statement = statement.map(|line| format!(" ({line} …)")).unwrap_or_default();
            let why = format!("rolled back, waiting for another session's lock on a table{statement}");
            ui.wait(&why, "waiting, then trying again");
        }
        Event::Silent => {
            let why = "waiting for a second connection, which a pooler may have none left for";
            ui.wait(why, "waiting for a second connection");
        }
        Event::Raced => ui.say("somebody else made the same objects at the same moment; looking again"),
        Event::Online(index) => {
            ui.wait(&format!("building index pevensie.{index} while its table stays in use"), "building the index");
        }
        Event::Building(progress) => ui.progress(&progress_text(progress)),
        Event::Discarding(index) => {
            ui.wait(&format!("dropping the unfinished index pevensie.{index}"), "dropping the index");
        }
        Event::Running(plan) => ui.busy(&steps::running(plan)),
        Event::Committing => ui.busy("committing"),
        Event::Warned(warning) => ui.problem(&Problem::new(warning.as_str()), Gravity::Warning),
        Event::FindingOut => {
            let why = "the connection was lost during the commit; asking the database how it ended";
            ui.wait(why, "asking the database how it ended");
        }
    }
}

/// `building index: scanning table, 42 %`, `waiting for writers before build, 1 of 3`
fn progress_text(Progress { phase, done, total }: &Progress) -> String {
    match done.saturating_mul(100).checked_div(*total) {
        Some(_) if phase.starts_with("waiting") => format!("{phase}, {done} of {total}"),
        Some(percent) => format!("{phase}, {} %", percent.min(100)),
        None => phase.clone(),
    }
}
