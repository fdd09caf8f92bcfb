//! Servers that a test may stop, crash, promote and set up as it likes.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use postgres::{Client, NoTls};

use super::command::{is_root, output_of};
use super::database::Database;
use super::folder::Folder;
use super::port::free_port;
use super::server::{Server, servers};
use super::{eventually, setting};

/// A server of a test's own, on a port of 127.0.0.1 until the end of the test.
pub(crate) struct Private {
    folder: Folder,
    bin: PathBuf,
    server: Server,
    /// How it is started.
    options: String,
}

impl Private {
    /// An empty one of the same version as another one, with the superuser `postgres`.
    pub(crate) fn like(other: &Server) -> Self {
        Self::like_with(other, "")
    }

    /// The same, started with more options.
    pub(crate) fn like_with(other: &Server, options: &str) -> Self {
        Self::attempt(other, &format!("-c fsync=off -c shared_buffers=16MB {options}"), |private| {
            private.initdb()?;
            private.try_start()
        })
    }

    /// An empty one; `prepare` puts files into its folder and returns its settings and its `pg_hba.conf`.
    pub(crate) fn start(prepare: impl Fn(&Self) -> (String, String)) -> Self {
        Self::attempt(&servers()[0], "-c fsync=off", |private| {
            private.initdb()?;
            let (settings, admissions) = prepare(private);
            let file = |name: &str| private.path().join("data").join(name);
            let old = fs::read_to_string(file("postgresql.conf")).expect("initdb has made it");
            fs::write(file("postgresql.conf"), format!("{old}\n{settings}\n")).expect("it is ours");
            fs::write(file("pg_hba.conf"), admissions).expect("it is ours");
            private.try_start()
        })
    }

    /// A standby of a running server.
    pub(crate) fn standby_of(primary: &Server, options: &str) -> Self {
        // Another test may drop its database in just the wrong moment.
        Self::attempt(primary, options, |private| {
            let from = format!("host=127.0.0.1 port={} user=postgres", primary.port);
            private.run("pg_basebackup", &["-D", "data", "-d", &from, "-c", "fast", "-R", "--no-sync"])?;
            private.try_start()
        })
    }

    /// Tries some times: another process may take our port.
    fn attempt(like: &Server, options: &str, start: impl Fn(&Self) -> Result<(), String>) -> Self {
        let bin = Path::new(&setting("PEVENSIE_PG_TEST_DIR")).join(format!("bin/{}", like.version));
        let mut last = String::new();
        for _ in 0..5 {
            let folder = Folder::new();
            // Who owns the other servers' sockets is who runs them.
            let owner = fs::metadata(&servers()[0].socket).expect("the server has a socket").uid();
            chown(folder.path(), Some(owner), None).expect("the folder is ours");
            let server = Server { version: like.version, port: free_port(), socket: folder.path().to_owned() };
            let private = Self { folder, bin: bin.clone(), server, options: options.to_owned() };
            match start(&private) {
                Ok(()) => return private,
                Err(error) => last = error,
            }
        }
        panic!("no server: {last}");
    }

    fn initdb(&self) -> Result<(), String> {
        self.run("initdb", &["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D", "data"])
    }

    fn try_start(&self) -> Result<(), String> {
        let own = format!("-p {} -k {} -c listen_addresses=127.0.0.1", self.server.port, self.path().display());
        let options = format!("{own} {}", self.options);
        self.run("pg_ctl", &["-D", "data", "-w", "-s", "-l", "log", "-o", &options, "start"])
    }

    /// Starts it after a stop, and waits until it answers.
    pub(crate) fn restart(&self) {
        self.try_start().expect("it starts again");
    }

    /// Stops it in one of the modes of `pg_ctl`.
    pub(crate) fn stop(&self, mode: &str) {
        self.run("pg_ctl", &["-D", "data", "-m", mode, "-s", "-w", "stop"]).expect("it runs");
    }

    /// Kills one of its processes, if it has not ended meanwhile, and waits until it has started again by itself.
    pub(crate) fn crash(&self, pid: &str) {
        let _ = self.run("kill", &["-KILL", pid]);
        // Until it has noticed, it still answers; it lets nobody in between that and what it does about it.
        eventually("the server has noticed", || !Path::new("/proc").join(pid).exists());
        eventually("the server has recovered", || Client::connect(&self.url("postgres"), NoTls).is_ok());
    }

    /// Makes a standby a primary.
    pub(crate) fn promote(&self) {
        self.run("pg_ctl", &["-D", "data", "-w", "-s", "promote"]).expect("it is a standby");
    }

    /// Runs a program in the server's folder, one of the server's before another of that name, as a user who may: theirs are
    /// not for root.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let own = self.bin.join(program);
        let program = if own.exists() { own } else { program.into() };
        let owner = fs::metadata(self.path()).expect("the folder is there").uid().to_string();
        let mut command = Command::new("setpriv");
        if is_root() {
            command.args(["--reuid", &owner, "--clear-groups", "--"]).arg(&program);
        } else {
            command = Command::new(&program);
        }
        let output = output_of(command.args(arguments).current_dir(self.path()));
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(format!("{}: {words}", program.display())) }
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.port
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The server's own log.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).expect("it is ours")
    }

    pub(crate) fn url(&self, database: &str) -> String {
        self.server.url("postgres", database)
    }

    pub(crate) fn client(&self) -> Client {
        self.server.client()
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
