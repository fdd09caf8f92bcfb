//! From arguments to a database.

use std::collections::BTreeSet;
use std::time::Duration;

use super::args::ConnectionArgs;
use super::failure::Failure;
use super::ui::Ui;
use crate::explain;
use crate::pg::apply::Event;
use crate::pg::connect::{Connected, Transport};
use crate::pg::database::Database;
use crate::pg::error::Error;
use crate::pg::interrupt::Interrupt;
use crate::pg::options::{Secret, Settings};
use crate::pg::session::Session;
use crate::render::problem::{Gravity, Problem};

/// How long a command keeps trying that takes no lock, while the server has as many sessions as it may have.
pub const FULL_WAIT: Duration = Duration::from_secs(10);

/// Resolves where the database is, without connecting.
pub fn database(
    address: Option<&str>,
    args: &ConnectionArgs,
    command: &str,
    full_wait: Duration,
    ui: &Ui,
) -> Result<Database, Failure> {
    let settings = Settings::from_sources(address, &|name| std::env::var(name).ok())?;
    describe(std::slice::from_ref(&settings), ui);
    Ok(at(settings, args, command, full_wait, Interrupt::listen()))
}

/// Warns of what is odd about settings, of the same but once, and says where each of them is from.
pub fn describe(all: &[Settings], ui: &Ui) {
    let warnings: BTreeSet<&str> = all.iter().filter_map(Settings::warning).collect();
    for warning in warnings {
        ui.problem(&Problem::new(warning), Gravity::Warning);
    }
    for settings in all {
        let place = if all.len() > 1 { format!("{}: ", settings.address()) } else { String::new() };
        for (keyword, value, origin) in settings.described() {
            ui.whisper(&format!("{place}{keyword} = {value}  ({origin})"));
        }
    }
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
    session.opened().into_iter().for_each(|connected| ui.whisper(&described(connected)));
    Ok(session)
}

fn described(Connected { address, transport, server_version, .. }: &Connected) -> String {
    let transport = match transport {
        Transport::Socket => "over a Unix-domain socket",
        Transport::Plain => "over TCP, not encrypted",
        Transport::Tls => "over TCP, encrypted",
    };
    format!("connected to {address} {transport}; PostgreSQL {server_version}")
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

/// What an event is to those who look on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Something may take long from now on.
    Wait,
    /// Something else is being done now.
    Turn,
    /// It goes on.
    Progress,
    /// It is worth a word.
    Word,
    /// Something may be wrong.
    Warning,
    /// It is told in other ways.
    None,
}

/// Says what an event is to those who look on.
pub fn weight(event: &Event<'_>) -> Weight {
    match event {
        Event::Connecting(_)
        | Event::Waiting(_)
        | Event::BeingBuilt(_)
        | Event::Blocked(_)
        | Event::Queued(_)
        | Event::Silent
        | Event::Online(_)
        | Event::Discarding(_)
        | Event::FindingOut => Weight::Wait,
        Event::BlockedAgain | Event::Running(_) | Event::Committing => Weight::Turn,
        Event::Building(_) => Weight::Progress,
        Event::Raced => Weight::Word,
        Event::Warned(_) => Weight::Warning,
        Event::Planned(_) | Event::Done(_) => Weight::None,
    }
}

/// Tells what a run does and waits for.
pub fn event(ui: &Ui, event: &Event<'_>) {
    let text = || explain::event::text(event);
    match weight(event) {
        Weight::Wait => ui.wait(&text(), &explain::event::brief(event)),
        Weight::Turn => ui.busy(&text()),
        Weight::Progress => ui.progress(&text()),
        Weight::Word => ui.say(&text()),
        Weight::Warning => ui.problem(&Problem::new(text()), Gravity::Warning),
        Weight::None => {}
    }
}
