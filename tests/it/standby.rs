//! A hot standby can be looked at, and is told from a server that can be changed.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use crate::preflight::{MIGRATE, ROLLBACK, run};
use crate::support::{servers, snapshot_filters};

/// A server that replays no primary's log and listens on a unix socket only. Before that, everything was installed in it.
struct Standby {
    bin: PathBuf,
    folder: PathBuf,
}

impl Standby {
    fn start(version: u32) -> Self {
        let servers = PathBuf::from(env::var("PEVENSIE_PG_TEST_DIR").expect("set together with the servers"));
        let folder = servers.join(format!("sockets/standby.{}", std::process::id()));
        let standby = Self { bin: servers.join(format!("bin/{version}")), folder };
        standby.run("mkdir", &[&standby.folder.display().to_string()]);
        standby.run(
            "initdb",
            &["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D", &standby.data()],
        );
        standby.pg_ctl("start");
        run(&standby.address(), MIGRATE).ok();
        standby.pg_ctl("stop");
        standby.run("touch", &[&(standby.data() + "/standby.signal")]);
        standby.pg_ctl("start");
        standby
    }

    fn address(&self) -> String {
        format!("host={} user=postgres", self.folder.display())
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn pg_ctl(&self, action: &str) {
        let options = format!("-k {} -c listen_addresses= -c fsync=off", self.folder.display());
        let log = self.folder.join("log").display().to_string();
        self.run("pg_ctl", &["-D", &self.data(), "-l", &log, "-o", &options, "-m", "immediate", "-s", "-w", action]);
    }

    /// Runs a program, PostgreSQL's before others, as a user who may: they refuse to run as root.
    fn run(&self, program: &str, arguments: &[&str]) {
        let own = self.bin.join(program);
        let program = if own.exists() { own.display().to_string() } else { program.to_owned() };
        let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let user: &[&str] = if root { &["runuser", "-u", "nobody", "--"] } else { &["env"] };
        let done = Command::new(user[0]).args(&user[1..]).arg(&program).args(arguments).output();
        let done = done.unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        self.pg_ctl("stop");
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_standby_is_only_looked_at() {
    let standby = Standby::start(servers()[0].version);
    let url = standby.address();
    for command in [&["status", "--check"][..], &["migrate", "auth", "cache"]] {
        run(&url, command).ok();
    }
    let mut words = Vec::new();
    for (command, code) in [(MIGRATE, 1), (ROLLBACK, 1), (&ROLLBACK[..4], 0)] {
        let output = run(&url, command);
        assert_eq!(output.code, code, "{}", output.snapshot());
        words.push(format!("-- {}\n{}\n", command.join(" "), output.stderr));
    }
    let _filters = snapshot_filters().bind_to_scope();
    insta::assert_snapshot!(words.concat());
}
