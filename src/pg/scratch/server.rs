//! A throw-away server.

use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process_group};

use super::user::{User, command};
use super::{Kept, Leftover, Programs, Purpose, ScratchError, folder};
use crate::pg::database::Database;
use crate::pg::error::Error;
use crate::pg::options::Settings;

/// What sets the server up and stops it; it goes on where this process is killed.
const KEEPER: &str = include_str!("keeper.sh");

/// How long the server may take to start.
const START: Duration = Duration::from_secs(120);

/// How long it may take to stop; it kills by itself what has not stopped after 5 seconds.
const STOP: Duration = Duration::from_secs(30);

/// How often to look.
const TICK: Duration = Duration::from_millis(10);

/// How many of the last lines of its log are shown.
const LAST_LINES: usize = 10;

/// A server of our own, in a folder of its own. Its keeper removes both when this value is gone.
pub struct ScratchServer {
    keeper: Child,
    folder: PathBuf,
    database: Database,
    /// The address for others.
    address: String,
}

impl ScratchServer {
    /// Sets a server up and starts it; `database` makes its database of the settings for it.
    ///
    /// # Errors
    /// When it does not start, or somebody asks this process to stop; with what is left of it where it could not be stopped.
    pub async fn start(
        programs: &Programs,
        purpose: Purpose,
        database: impl FnOnce(Settings) -> Database,
    ) -> Result<Self, (Error, Option<Leftover>)> {
        let without = |error: Error| (error, None);
        let user = User::in_place_of_root().map_err(|error| without(error.into()))?;
        let mut server = Self::start_as(user, programs, purpose, database).map_err(without)?;
        let ended = match server.wait_until_ready().await {
            Ok(true) => return Ok(server),
            ended => ended,
        };
        let log = server.keeper.stdout.take();
        let leftover = server.stop().await.err();
        let not_started = || {
            let (folder, version) = (programs.folder.display().to_string(), programs.version.clone());
            // As long as it runs, there is no end of it.
            let log = if leftover.is_none() { last_lines(log) } else { String::new() };
            ScratchError::NotStarted { version, folder, log }.into()
        };
        Err((ended.err().unwrap_or_else(not_started), leftover))
    }

    fn start_as(
        user: Option<User>,
        programs: &Programs,
        purpose: Purpose,
        database: impl FnOnce(Settings) -> Database,
    ) -> Result<Self, Error> {
        let system = |what| move |error| ScratchError::System(what, error);
        let folder = folder::name(user)?;
        let password = random().map_err(system("get random bytes"))?;
        let (port, addresses) = match purpose {
            Purpose::Rehearsal => (5432, ""),
            // Drivers that know no sockets are to get in as well, and nobody else of this machine.
            Purpose::Work => (free_port().map_err(system("find a free port"))?, "127.0.0.1"),
        };
        let socket = format!("host={} port={port} user=postgres dbname=postgres", folder.display());
        // Nothing of what the environment says is about this server.
        let settings = Settings::from_sources(Some(&socket), &|_| None)?;
        let address = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");

        // In the environment, so that the list of processes stays readable.
        let script = r#"script=$PEVENSIE_PG_KEEPER; unset PEVENSIE_PG_KEEPER; eval "$script""#;
        let mut command = command("sh", user);
        command.env("PEVENSIE_PG_KEEPER", KEEPER).args(["-c", script, "pevensie-pg-keeper"]);
        command.args([&programs.folder, &folder]).args([&port.to_string(), addresses]).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = command.spawn().map_err(system("run sh"))?;
        let told = keeper.stdin.as_mut().map_or(Ok(()), |keeper| writeln!(keeper, "{password}"));
        told.map_err(system("write a password"))?;
        Ok(Self { keeper, folder, database: database(settings), address })
    }

    /// Waits until it is ready; `false` if it has ended instead.
    async fn wait_until_ready(&mut self) -> Result<bool, Error> {
        let began = Instant::now();
        while began.elapsed() < START {
            // The server says so in the last line of its lock file; that is what pg_ctl looks at, too.
            let status = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
            if status.lines().nth(7).is_some_and(|status| status.trim() == "ready") {
                return Ok(true);
            }
            if !matches!(self.keeper.try_wait(), Ok(None)) {
                return Ok(false);
            }
            self.database.interrupt.unless_requested(tokio::time::sleep(TICK)).await?;
        }
        Ok(false)
    }

    /// Returns the way to it.
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Stops and removes it.
    pub(super) async fn stop(mut self) -> Result<(), Leftover> {
        drop(self.keeper.stdin.take());
        let began = Instant::now();
        let mut is_at_it = true;
        while is_at_it && began.elapsed() < STOP {
            tokio::time::sleep(TICK).await;
            is_at_it = matches!(self.keeper.try_wait(), Ok(None));
        }
        if !self.folder.exists() {
            return Ok(());
        }
        let why = if is_at_it {
            format!("it is still there after {}", humantime::format_duration(STOP))
        } else {
            "what was to do that has ended".to_owned()
        };
        let folder = self.folder.display();
        // The keeper heeds nothing less any more. All that it has started is in its process group; one without processes may
        // be somebody else's by the time that this is run.
        let has_processes = test_kill_process_group(Pid::from_child(&self.keeper)) != Err(Errno::SRCH);
        let kill = if has_processes { format!("kill -KILL -{}; ", self.keeper.id()) } else { String::new() };
        let removal = format!("{kill}rm -rf {folder}");
        Err(Leftover { what: format!("the server in {folder}"), why, removal })
    }

    /// Lets it stay.
    pub(super) fn keep(mut self) -> Result<Kept, ScratchError> {
        let told = self.keeper.stdin.take().map_or(Ok(()), |mut keeper| keeper.write_all(b"keep\n"));
        told.map_err(|error| ScratchError::System("keep the server", error))?;
        Ok(Kept { removal: format!("kill {}", self.keeper.id()), address: self.address })
    }
}

/// The last lines of the log of a server that has ended.
fn last_lines(log: Option<ChildStdout>) -> String {
    let mut text = Vec::new();
    if let Some(mut log) = log {
        // What cannot be read is not worth an error of its own.
        let _ = log.read_to_end(&mut text);
    }
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}

/// A port that is free at this moment.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A password that nobody guesses.
fn random() -> io::Result<String> {
    let mut bytes = [0; 16];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| io::Error::other("the operating system has none"))?;
    Ok(hex::encode(bytes))
}
