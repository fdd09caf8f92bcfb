//! Servers that a test may stop, promote and set up as it likes.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::Command;

use postgres::{Client, NoTls};

use super::database::Database;
use super::folder::Folder;
use super::server::{Server, servers};
use super::{eventually, setting};

/// A PostgreSQL 15 of a test's own, on a port of 127.0.0.1 until the end of the test.
pub(crate) struct Private {
    folder: Folder,
    pub(crate) port: u16,
}

impl Private {
    /// An empty one, with the superuser `postgres`; `prepare` puts files into its folder and returns its settings and its
    /// `pg_hba.conf`.
    pub(crate) fn start(prepare: impl Fn(&Self) -> (String, String)) -> Self {
        Self::attempt(|private| {
            private.run(
                "initdb",
                &["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D", "data"],
            )?;
            let (settings, admissions) = prepare(private);
            let file = |name: &str| private.path().join("data").join(name);
            let old = fs::read_to_string(file("postgresql.conf")).expect("initdb has made it");
            fs::write(file("postgresql.conf"), format!("{old}\nfsync = off\n{settings}\n")).expect("it is ours");
            fs::write(file("pg_hba.conf"), admissions).expect("it is ours");
            private.start_with("")
        })
    }

    /// A standby of a running server of the same version.
    pub(crate) fn standby_of(primary: &Server, options: &str) -> Self {
        // Another test may drop its database in just the wrong moment.
        Self::attempt(|private| {
            let from = format!("host=127.0.0.1 port={} user=postgres", primary.port);
            private.run("pg_basebackup", &["-D", "data", "-d", &from, "-c", "fast", "-R", "--no-sync"])?;
            private.start_with(options)
        })
    }

    /// Tries some times: another process may take our port.
    fn attempt(start: impl Fn(&Self) -> Result<(), String>) -> Self {
        let mut last = String::new();
        for _ in 0..5 {
            let folder = Folder::new();
            // Who owns the other servers' sockets is who runs them.
            let owner = fs::metadata(&servers()[0].socket).expect("the server has a socket").uid();
            chown(folder.path(), Some(owner), None).expect("the folder is ours");
            let free = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
            let private = Self { folder, port: free.local_addr().expect("it is bound").port() };
            drop(free);
            match start(&private) {
                Ok(()) => return private,
                Err(error) => last = error,
            }
        }
        panic!("no server: {last}");
    }

    fn start_with(&self, options: &str) -> Result<(), String> {
        let options = format!("-p {} -c unix_socket_directories= {options}", self.port);
        self.run("pg_ctl", &["-D", "data", "-w", "-s", "-l", "log", "-o", &options, "start"])
    }

    /// Makes a standby a primary.
    pub(crate) fn promote(&self) {
        self.run("pg_ctl", &["-D", "data", "-w", "-s", "promote"]).expect("it is a standby");
    }

    /// Runs a program in the server's folder, one of the server's before another of that name, as a user who may: theirs are
    /// not for root.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let own = Path::new(&setting("PEVENSIE_PG_TEST_BIN_DIR")).join(program);
        let program = if own.exists() { own } else { program.into() };
        let owner = fs::metadata(self.path()).expect("the folder is there").uid().to_string();
        let mut command = Command::new("setpriv");
        if fs::metadata("/proc/self").expect("Linux has it").uid() == 0 {
            command.args(["--reuid", &owner, "--clear-groups", "--"]).arg(&program);
        } else {
            command = Command::new(&program);
        }
        let output = command.args(arguments).current_dir(self.path()).output().expect("the program can be run");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(format!("{}: {words}", program.display())) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The server's own log.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).expect("it is ours")
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.url("postgres"), NoTls).expect("the server answers")
    }

    /// Waits until everything that is committed on the primary is here.
    pub(crate) fn catch_up(&self, database: &Database<'_>) {
        let now = database.query_text("select pg_current_wal_flush_lsn()");
        let replayed = format!("select pg_last_wal_replay_lsn() >= '{now}'");
        let mut client = self.client();
        eventually("the standby has caught up", || client.query_one(&replayed, &[]).expect("it answers").get(0));
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = self.run("pg_ctl", &["-D", "data", "-m", "immediate", "-s", "stop"]);
    }
}
