//! A hot standby that follows its primary: to be looked at, and to be passed by on the way to the primary.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::Command;

use postgres::{Client, NoTls};

use crate::support::{Database, Folder, Server, UP, contents, eventually, run_on, servers, setting};

/// A standby of a running server, on a port of its own, until the end of the test.
struct Replica {
    folder: Folder,
    port: u16,
}

/// Runs one of the server's programs as a user who may: none of them is for root.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let program = Path::new(&setting("PEVENSIE_PG_TEST_BIN_DIR")).join(program);
    let owner = fs::metadata(folder).expect("the folder is there").uid().to_string();
    let mut command = Command::new("setpriv");
    if fs::metadata("/proc/self").expect("Linux has it").uid() == 0 {
        command.args(["--reuid", &owner, "--clear-groups", "--"]).arg(&program);
    } else {
        command = Command::new(&program);
    }
    let output = command.args(arguments).current_dir(folder).output().expect("the program can be run");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{}: {words}", program.display())) }
}

impl Replica {
    fn of(primary: &Server) -> Self {
        // Another test may drop its database, or take our port, in just the wrong moment.
        let mut last = String::new();
        for _ in 0..5 {
            match Self::try_of(primary) {
                Ok(replica) => return replica,
                Err(error) => last = error,
            }
        }
        panic!("no standby: {last}");
    }

    fn try_of(primary: &Server) -> Result<Self, String> {
        let folder = Folder::new();
        // Who owns the primary's socket is who runs it.
        let owner = fs::metadata(&primary.socket).expect("the server has a socket").uid();
        chown(folder.path(), Some(owner), None).expect("the folder is ours");
        let free = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let from = format!("host=127.0.0.1 port={} user=postgres", primary.port);
        run(folder.path(), "pg_basebackup", &["-D", "data", "-d", &from, "-c", "fast", "-R", "--no-sync"])?;
        let replica = Self { folder, port };
        let options = format!("-p {port} -c unix_socket_directories=");
        run(replica.folder.path(), "pg_ctl", &["-D", "data", "-w", "-s", "-l", "log", "-o", &options, "start"])?;
        Ok(replica)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Waits until everything that is committed on the primary is here.
    fn catch_up(&self, database: &Database<'_>) {
        let now = database.query_text("select pg_current_wal_flush_lsn()");
        let replayed = format!("select pg_last_wal_replay_lsn() >= '{now}'");
        let mut client = Client::connect(&self.url("postgres"), NoTls).expect("the standby answers");
        eventually("the standby has caught up", || client.query_one(&replayed, &[]).expect("it answers").get(0));
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = run(self.folder.path(), "pg_ctl", &["-D", "data", "-m", "immediate", "-s", "stop"]);
    }
}

#[test]
fn a_standby_is_looked_at_and_its_primary_is_found() {
    let primary = servers().iter().find(|server| server.version == 15).expect("PostgreSQL 15 is among the servers");
    let (installed, empty) = (primary.database(), primary.database());
    installed.run(UP).run().ok();
    let replica = Replica::of(primary);
    replica.catch_up(&installed);

    let url = replica.url(installed.name());
    let status = run_on(&url, &["status", "--check"]).run().ok();
    assert!(status.stderr.contains("everything is as it should be"), "{}", status.snapshot());
    assert_eq!(run_on(&url, &["migrate", "auth", "cache"]).run().ok().stdout, "");

    let url = replica.url(empty.name());
    assert_eq!(run_on(&url, &["status", "--check"]).run().code, 3);
    let printed = run_on(&url, &["migrate", "auth", "cache"]).run().ok();
    assert_eq!(printed.stdout, empty.run(&["migrate", "auth", "cache"]).run().ok().stdout);
    let refused = run_on(&url, UP).run();
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.snapshot());
    assert!(refused.stderr.contains("error: this server is a standby and accepts no changes\n"), "{}", refused.stderr);
    assert!(refused.stderr.contains("hint: connect to the primary"), "{}", refused.stderr);
    assert!(refused.stderr.contains("target_session_attrs=primary"), "{}", refused.stderr);
    assert_eq!(contents(&empty), "");

    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", replica.port, primary.port);
    let both = format!("postgres://postgres@{hosts}/{}?target_session_attrs", empty.name());
    let applied = run_on(&format!("{both}=primary"), UP).run().ok();
    assert!(applied.stdout.contains("applied  cache"), "{}", applied.snapshot());
    assert_eq!(contents(&empty), contents(&installed));
    // And what was installed there arrives here.
    replica.catch_up(&empty);
    let status = run_on(&format!("{both}=standby"), &["status", "--check"]).run().ok();
    assert!(status.stderr.contains(&format!("127.0.0.1:{}", replica.port)), "{}", status.stderr);
}
