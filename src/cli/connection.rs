//! From arguments to a database.

use std::collections::BTreeSet;
use std::time::Duration;

use super::args::ConnectionArgs;
use super::event;
use super::failure::Failure;
use super::ui::Ui;
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
    let host = whoami::hostname().unwrap_or_default();
    let host: String = host.chars().filter(char::is_ascii_graphic).take(30).collect();
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
    match database.open(&mut |error| event::tell(ui, &Event::Connecting(error))).await {
        Err(Error::Connect(error)) if error.needs_password() && Ui::can_ask() => {
            let question = format!("Password for {}", database.settings.address());
            let password = ui.password(&question, &database.interrupt).await?;
            database.settings = database.settings.clone().with_password(Secret::new(password));
            Ok(database.open(&mut |error| event::tell(ui, &Event::Connecting(error))).await?)
        }
        opened => Ok(opened?),
    }
}
