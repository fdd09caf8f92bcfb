//! A server of a test's own, to be stopped and crashed.

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::{fs, thread};

use postgres::{Client, NoTls};

use super::server::Server;
use super::{eventually, setting, unique};

/// A new, empty server, removed at the end.
pub(crate) struct OwnServer {
    server: Server,
    bin: PathBuf,
    folder: PathBuf,
}

impl OwnServer {
    /// Starts one of the same version as another one.
    pub(crate) fn like(other: &Server) -> Self {
        let servers = PathBuf::from(setting("PEVENSIE_PG_TEST_DIR"));
        let folder = servers.join("sockets").join(unique("own"));
        let server = Server { version: other.version, port: free_port(), socket: folder.clone() };
        let own = Self { server, bin: servers.join(format!("bin/{}", other.version)), folder };
        own.run("mkdir", &[&own.folder.display().to_string()]);
        own.run(
            "initdb",
            &["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D", &own.data()],
        );
        own.start();
        own
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// Starts it, after a stop, and waits until it answers.
    pub(crate) fn start(&self) {
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=16MB",
            self.server.port,
            self.folder.display()
        );
        let log = self.folder.join("log").display().to_string();
        self.run("pg_ctl", &["-D", &self.data(), "-l", &log, "-o", &options, "-s", "-w", "start"]);
    }

    /// Stops it in one of the modes of `pg_ctl`.
    pub(crate) fn stop(&self, mode: &str) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", mode, "-s", "-w", "stop"]);
    }

    /// Kills one of its processes, if it has not ended meanwhile, and waits until it has started again by itself.
    pub(crate) fn crash(&self, pid: &str) {
        let _ = self.try_run("kill", &["-KILL", pid]);
        // Until it has noticed, it still answers.
        thread::sleep(Duration::from_millis(50));
        let url = self.server.url("postgres", "postgres");
        eventually("the server has recovered", || Client::connect(&url, NoTls).is_ok());
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        self.try_run(program, arguments).unwrap_or_else(|words| panic!("{program}: {words}"));
    }

    /// Runs a program, PostgreSQL's before others, as a user who may: they refuse to run as root.
    fn try_run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let own = self.bin.join(program);
        let program = if own.exists() { own.display().to_string() } else { program.to_owned() };
        let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let user: &[&str] = if root { &["runuser", "-u", "nobody", "--"] } else { &["env"] };
        let done = Command::new(user[0]).args(&user[1..]).arg(&program).args(arguments).current_dir("/").output();
        let done = done.map_err(|error| error.to_string())?;
        if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        if self.folder.join("data/postmaster.pid").exists() {
            self.stop("immediate");
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A port that is free now, below those that the kernel gives to outgoing connections: it is needed again after a stop.
fn free_port() -> u16 {
    let mut ports = std::iter::repeat_with(|| fastrand::u16(20000..32000));
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("there are many")
}
