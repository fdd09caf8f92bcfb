//! A real `pgbouncer` in front of a server.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use postgres::{Client, NoTls, SimpleQueryMessage};

use super::command::is_root;
use super::database::Database;
use super::folder::Folder;
use super::migrated::eventually;
use super::port::free_port;
use super::server::Server;
use super::setting;

/// One in transaction mode, stopped at the end. Whoever comes in is the superuser.
pub(crate) struct Bouncer {
    process: Child,
    port: u16,
    pool_size: u32,
    _folder: Folder,
}

impl Bouncer {
    /// Starts one that opens at most `pool_size` server connections per database, and waits until it answers.
    pub(crate) fn start(server: &Server, pool_size: u32) -> Self {
        // Between our look and its bind another process may take the port.
        (0..5).find_map(|_| Self::try_start(server, pool_size)).expect("PgBouncer starts")
    }

    fn try_start(server: &Server, pool_size: u32) -> Option<Self> {
        let port = free_port();
        let folder = Folder::new();
        let log = folder.path().join("log");
        let user = if is_root() { "user = nobody" } else { "" }; // it refuses to run as root
        let settings = folder.write(
            "pgbouncer.ini",
            &format!(
                "[databases]\n* = host=127.0.0.1 port={} user=postgres\n\
                 [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n{user}\n\
                 auth_type = any\npool_mode = transaction\ndefault_pool_size = {pool_size}\nmax_client_conn = 200\n",
                server.port
            ),
        );
        let process = Command::new(setting("PEVENSIE_PG_TEST_PGBOUNCER"))
            .arg(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).expect("the temporary folder is writable"))
            .spawn()
            .expect("PgBouncer can be run");
        let mut bouncer = Self { process, port, pool_size, _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            match Client::connect(&bouncer.url_of("postgres"), NoTls) {
                Ok(_) => return Some(bouncer),
                Err(_) if bouncer.has_ended() => return None,
                Err(error) => {
                    let log = || fs::read_to_string(&log).unwrap_or_default();
                    assert!(Instant::now() < deadline, "PgBouncer does not answer: {error}\n{}", log());
                }
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The address of a database through it.
    pub(crate) fn url(&self, database: &Database<'_>) -> String {
        self.url_of(database.name())
    }

    /// What as many clients at once as it has connections for a database find set there, once for each different answer.
    pub(crate) fn settings(&self, database: &Database<'_>) -> Vec<Vec<String>> {
        let client = || Client::connect(&self.url(database), NoTls).expect("it answers");
        let mut clients: Vec<Client> = (0..self.pool_size).map(|_| client()).collect();
        for client in &mut clients {
            client.batch_execute("begin").expect("a connection is free"); // and is not given to the next one
        }
        let mut found: Vec<_> = clients.iter_mut().map(settings).collect();
        found.dedup();
        found
    }

    /// Insists that nobody who shares its connections notices that we were there; `before` is what was found then.
    #[track_caller]
    pub(crate) fn assert_clean(&self, database: &Database<'_>, before: &[Vec<String>]) {
        let busy = "select from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'";
        eventually("no transaction is open", || database.rows(busy) == 0);
        assert_eq!(self.settings(database), before);
        assert_eq!(database.advisory_locks(), 0);
        assert_eq!(database.unfinished_indexes(), "");
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn has_ended(&mut self) -> bool {
        self.process.try_wait().expect("it is our child").is_some()
    }
}

/// What a session finds set that others shared.
fn settings(client: &mut Client) -> Vec<String> {
    let messages = client
        .simple_query(
            "select name || '=' || setting as setting from pg_settings where name like '%timeout%'
             or name like 'tcp_%' or name like 'default_transaction%' or name like 'pevensie%'
             or name in ('search_path', 'client_min_messages', 'client_connection_check_interval', 'DateStyle', 'TimeZone')
             or source = 'session' and name <> 'application_name' order by name",
        )
        .expect("it answers");
    let rows =
        messages.iter().filter_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None });
    rows.filter_map(|row| row.get(0).map(str::to_owned)).collect()
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
