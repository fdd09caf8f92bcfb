//! The running servers, one per major version.

use std::any::Any;
use std::fs;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::thread;

use postgres::{Client, NoTls};

use super::database::Database;
use super::setting;

/// A server that listens on 127.0.0.1 and on a unix socket, with the superuser `postgres` and TLS on offer.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) version: u32,
    pub(crate) port: u16,
    /// The folder of its unix socket.
    pub(crate) socket: PathBuf,
}

/// The servers that `scripts/servers` has started; fails when it has not.
pub(crate) fn servers() -> &'static [Server] {
    static SERVERS: OnceLock<Vec<Server>> = OnceLock::new();
    SERVERS.get_or_init(|| {
        let list = setting("PEVENSIE_PG_TEST_SERVERS");
        let sockets = PathBuf::from(setting("PEVENSIE_PG_TEST_DIR")).join("sockets");
        let servers: Vec<_> = list
            .split_whitespace()
            .map(|entry| {
                let (version, port) = entry.split_once('=').expect("PEVENSIE_PG_TEST_SERVERS reads VERSION=PORT …");
                Server {
                    version: version.parse().expect("a major version"),
                    port: port.parse().expect("a port"),
                    socket: sockets.join(version),
                }
            })
            .collect();
        assert!(!servers.is_empty(), "PEVENSIE_PG_TEST_SERVERS names no server");
        servers
    })
}

impl Server {
    /// The server's own log, of which a message in another encoding may be a part.
    pub(crate) fn log(&self) -> String {
        let file = PathBuf::from(setting("PEVENSIE_PG_TEST_DIR")).join(format!("log/{}.log", self.version));
        String::from_utf8_lossy(&fs::read(file).expect("the log is ours")).into_owned()
    }
}

/// Runs the test on every server at the same time. A failure says which version it was.
///
/// A snapshot taken inside needs a name, since all versions are held against the same one.
pub(crate) fn each_server(test: impl Fn(&Server) + Sync) {
    thread::scope(|scope| {
        let threads: Vec<_> = servers()
            .iter()
            .map(|server| {
                let name = format!("PostgreSQL {}", server.version);
                let thread = thread::Builder::new().name(name).spawn_scoped(scope, || test(server));
                (server, thread.expect("threads can be started"))
            })
            .collect();
        let failures: Vec<_> = threads
            .into_iter()
            .filter_map(|(server, thread)| Some((server.version, thread.join().err()?)))
            .map(|(version, panic)| format!("on PostgreSQL {version}: {}", message(panic)))
            .collect();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    });
}

fn message(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => match panic.downcast::<&'static str>() {
            Ok(text) => (*text).to_owned(),
            Err(panic) => resume_unwind(panic),
        },
    }
}

impl Server {
    /// A new, empty database of its own for a test.
    pub(crate) fn database(&self) -> Database<'_> {
        Database::create(self)
    }

    /// A superuser's session in the database `postgres`.
    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.url("postgres", "postgres"), NoTls).expect("the server answers")
    }

    pub(super) fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }
}
