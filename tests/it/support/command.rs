//! Runs our binary, and psql, in an environment that holds nothing of the machine's.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{self, Command, Stdio};
use std::sync::Once;
use std::sync::mpsc::channel;
use std::time::Duration;
use std::{env, fs, thread};

use super::database::Database;
use super::folder::Folder;
use super::output::Output;
use super::running::Running;

/// How long a command of somebody else's may take: one of them builds this crate.
const PATIENCE: Duration = Duration::from_secs(600);

/// A command about to run: no `PG*` variables, no `DATABASE_URL`, an empty home, no terminal, an empty stdin.
pub(crate) struct Run {
    command: Command,
    /// As a person would type it.
    typed: String,
    stdin: Option<String>,
    home: Folder,
}

/// What a command knows of this machine: where programs are, and where `scripts/coverage` wants to hear of it.
pub(super) fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    ["PATH", "LLVM_PROFILE_FILE"].into_iter().filter_map(|name| Some((name, env::var_os(name)?)))
}

/// The binary under test.
pub(crate) fn pevensie_pg(arguments: &[&str]) -> Run {
    Run::new(env!("CARGO_BIN_EXE_pevensie-pg"), "pevensie-pg", arguments)
}

/// A copy of the binary under test that everybody can run, run by an ordinary user.
pub(crate) fn pevensie_pg_as_nobody(folder: &Folder, arguments: &[&str]) -> Run {
    let copy = folder.path().join("pevensie-pg");
    fs::copy(env!("CARGO_BIN_EXE_pevensie-pg"), &copy).expect("the temporary folder is writable");
    let copy = copy.to_str().expect("unique names are ASCII");
    let user: &[&str] = if is_root() { &["runuser", "-u", "nobody", "--", copy] } else { &[copy] };
    Run::new(user[0], "pevensie-pg", &[&user[1..], arguments].concat())
}

/// The program of an image that holds no more than `root` does: by a user without a name, in an empty environment.
pub(crate) fn in_root(root: &Path, program: &str, arguments: &[&str]) -> Run {
    let enter = format!("--root={}", root.display());
    let user: &[&str] = if is_root() { &["--setgid=65532", "--setuid=65532"] } else { &["--map-root-user"] };
    let mut run = Run::new("/usr/bin/unshare", "pevensie-pg", &[&[&*enter], user, &[program], arguments].concat());
    run.command.env_clear();
    run.typed = [&["pevensie-pg"], arguments].concat().join(" ");
    run
}

/// Says whether the tests run as root, with whom some programs have nothing to do.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").expect("Linux has it").uid() == 0
}

/// An example, built as it is now: cargo builds none for a test that is run alone.
pub(crate) fn example(name: &str) -> Run {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--locked", "--offline", "--examples", "--profile", profile]);
        let output = output_of(cargo.current_dir(env!("CARGO_MANIFEST_DIR")));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    });
    let binaries = Path::new(env!("CARGO_BIN_EXE_pevensie-pg")).parent().expect("a file is in a folder");
    let path = binaries.join("examples").join(name);
    Run::new(path.to_str().expect("the folder's name is text"), name, &[])
}

/// Runs a command as our hints give it.
pub(crate) fn shell(command: &str) -> Output {
    Run::new("sh", "sh", &["-c", command]).run()
}

/// The binary, `"$pg" "$@"`, about to run in a shell script.
pub(crate) fn in_shell(script: &str, arguments: &[&str]) -> Run {
    Run::new("sh", "sh", &[&["-c", script, "sh"], arguments].concat()).env("pg", env!("CARGO_BIN_EXE_pevensie-pg"))
}

/// Runs a command of somebody else's to its end, with an empty stdin; one that does not end fails the test.
#[track_caller]
pub(crate) fn output_of(command: &mut Command) -> process::Output {
    let streams = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = streams.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let id = child.id().to_string();
    let (sender, end) = channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = end.recv_timeout(PATIENCE) else {
        let _ = Command::new("kill").args(["-KILL", &id]).status();
        panic!("{command:?} does not end");
    };
    output.expect("it is our child")
}

/// Feeds a script to the real psql, connected as superuser.
pub(crate) fn psql(database: &Database<'_>, extra_arguments: &[&str], script: &str) -> Output {
    let url = database.url();
    let arguments = [&["-X", "-v", "ON_ERROR_STOP=1", "-f", "-", "-d", &url], extra_arguments].concat();
    Run::new("psql", "psql", &arguments).stdin(script).run()
}

/// Asks the real psql, at whatever address, in the same empty environment; the answer has no heading.
pub(crate) fn ask_psql(address: &str, question: &str) -> Run {
    Run::new("psql", "psql", &["-X", "-A", "-t", "-w", "-c", question, "-d", address])
}

/// The real psql, asking who it is, where and whether it is encrypted: `role|database|t`.
pub(crate) fn psql_at(address: &str) -> Run {
    let question =
        "select current_user, current_database(), (select ssl from pg_stat_ssl where pid = pg_backend_pid())";
    // Debian's wrapper around psql would set PGHOST, to what psql itself would not look for.
    ask_psql(address, question).env("PGHOST", "")
}

impl Run {
    fn new(program: &str, name: &str, arguments: &[&str]) -> Self {
        let home = Folder::new();
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("HOME", home.path()).env("TERM", "dumb");
        command.envs(inherited());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let quoted = |argument: &&str| {
            if argument.contains(char::is_whitespace) { format!("'{argument}'") } else { (*argument).to_owned() }
        };
        let typed: Vec<_> = std::iter::once(name.to_owned()).chain(arguments.iter().map(quoted)).collect();
        let typed = typed.join(" ");
        Self { command, typed, stdin: None, home }
    }

    pub(crate) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    pub(crate) fn stdin(mut self, text: &str) -> Self {
        self.stdin = Some(text.to_owned());
        self.command.stdin(Stdio::piped());
        self
    }

    /// Has its stdout elsewhere than in [`Output::stdout`].
    pub(crate) fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.command.stdout(stdout);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Output {
        self.spawn().wait()
    }

    /// Starts it, for a test that does something meanwhile.
    pub(crate) fn spawn(mut self) -> Running {
        let mut child = self.command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.typed));
        if let (Some(mut pipe), Some(text)) = (child.stdin.take(), self.stdin) {
            // From a thread: the child may be writing before it has read everything. It may also not want to read.
            thread::spawn(move || pipe.write_all(text.as_bytes()));
        }
        Running::new(child, self.typed, self.home)
    }
}
