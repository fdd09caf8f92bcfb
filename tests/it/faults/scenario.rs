//! What a run is to do when something fails, what it may leave behind then, and that it does.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::proxy::{At, Direction, Failing, Fault, Proxy, Seen};
use super::report::scale;
use crate::adoption::upstream_script;
use crate::support::{
    DOWN, Database, Output, Server, UP, UP_FIRST, contents, each_server, eventually, run_on, servers, within,
};

/// How long anything of a run may be left on the server after it is gone.
const LEFT: Duration = Duration::from_secs(10);

/// A command, and the database that it finds.
#[derive(Clone, Copy)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) command: &'static [&'static str],
    prepare: fn(&Database<'_>),
}

pub(super) const INSTALL: Scenario = Scenario { name: "fresh install", command: UP, prepare: |_| () };
/// Each of its indexes is built online, in a batch of its own.
pub(super) const UPGRADE: Scenario = Scenario {
    name: "upgrade",
    command: UP,
    prepare: |database| {
        database.run(UP_FIRST).run().ok();
        fill(database);
    },
};
/// What upstream has recorded is adopted, then upgraded.
pub(super) const ADOPTION: Scenario = Scenario { name: "adoption and upgrade", command: UP, prepare: upstream };
/// The versions do not change, only who recorded them.
pub(super) const ONLY_ADOPTION: Scenario = Scenario { name: "adoption", command: UP_FIRST, prepare: upstream };
pub(super) const ROLLBACK: Scenario = Scenario {
    name: "rollback",
    command: DOWN,
    prepare: |database| {
        database.run(UP).run().ok();
        fill(database);
    },
};
pub(super) const ALL: [Scenario; 5] = [INSTALL, UPGRADE, ADOPTION, ONLY_ADOPTION, ROLLBACK];

fn upstream(database: &Database<'_>) {
    database.execute(&upstream_script(&["base", "auth", "cache"]));
    fill(database);
}

fn fill(database: &Database<'_>) {
    database.execute(
        "insert into pevensie.\"user\" (id, email, user_metadata)
           select md5(n::text)::uuid, n || '@example.com', '{}' from generate_series(1, 300) n;
         insert into pevensie.session (id, user_id, expires_at)
           select gen_random_uuid(), md5(n::text)::uuid, now() from generate_series(1, 300) n;
         insert into pevensie.cache select 'filling', n::text, 'value', now() from generate_series(1, 300) n",
    );
}

/// A scenario on a server, with what an undisturbed run makes of it.
pub(super) struct Prepared<'s> {
    pub(super) scenario: Scenario,
    pub(super) server: &'s Server,
    template: Database<'s>,
    /// What is in the database before, and after each commit, and how many steps the run has said to be done by then.
    states: Vec<(String, usize)>,
    /// Every message of an undisturbed run.
    pub(super) messages: Vec<Seen>,
    /// How long it took.
    pub(super) duration: Duration,
    /// How long something of a run was left after its end.
    longest: Mutex<Duration>,
    /// How long a lock was left where the server was not told of the end.
    longest_stalled: Mutex<Duration>,
}

impl<'s> Prepared<'s> {
    pub(super) fn new(scenario: Scenario, server: &'s Server) -> Self {
        let template = server.database();
        (scenario.prepare)(&template);
        let mut prepared = Self {
            scenario,
            server,
            template,
            states: Vec::new(),
            messages: Vec::new(),
            duration: Duration::ZERO,
            longest: Mutex::default(),
            longest_stalled: Mutex::default(),
        };

        let database = prepared.database();
        let proxy = Proxy::start(server, None);
        let began = Instant::now();
        let output = run_on(&proxy.url(&database), scenario.command).run().ok();
        prepared.duration = began.elapsed();
        prepared.messages = proxy.seen();
        let end = (plain(&database), output.stdout.lines().count());

        let mut found = plain(&prepared.database());
        for nth in 1..=prepared.commits() {
            // Nobody can say how the commit ended, so that the run ends here.
            let database = prepared.database();
            let failing = Failing { direction: Direction::ToServer, at: At::Commit(nth), fault: Fault::Gone };
            let proxy = Proxy::start(server, Some(failing));
            let output = run_on(&proxy.url(&database), scenario.command).run();
            eventually("the server is done", || database.sessions() == 0);
            prepared.states.push((found, output.stdout.lines().count()));
            found = plain(&database);
        }
        assert_eq!(found, end.0, "the last commit is the last change");
        prepared.states.push(end);
        prepared
    }

    /// A database as the command finds it.
    pub(super) fn database(&self) -> Database<'s> {
        self.template.copy()
    }

    /// How many commits there are.
    pub(super) fn commits(&self) -> usize {
        self.messages.iter().filter(|seen| seen.direction == Direction::ToServer && seen.is_commit).count()
    }

    /// Insists that so many commits were carried out.
    pub(super) fn assert_is_at(&self, database: &Database<'_>, nth: usize, when: &str) {
        let found = plain(database);
        assert!(self.is_at(nth, &found), "not after {nth} commits, {when}\n{found}");
    }

    /// Insists that nobody is locked out, that the database is as it was before or after one of the commits, that the run
    /// has said so, and that the same command again finishes the job.
    pub(super) fn assert_survived(&self, database: &Database<'_>, output: Option<&Output>, when: &str) {
        let said = output.map(Output::snapshot).unwrap_or_default();
        let when = format!("{}: {when}\n{said}", self.scenario.name);
        self.assert_free(database, LEFT, &when);
        let found = plain(database);
        let Some(nth) = (0..self.states.len()).find(|nth| self.is_at(*nth, &found)) else {
            panic!("between two versions, {when}\n{found}");
        };
        if let Some(output) = output {
            self.assert_said(output, nth, &when);
            let is_said = output.stderr.contains("may be left unfinished");
            assert!(is_said || !found.contains("/* invalid */"), "an index is left unfinished, {when}");
        }
        let again = database.run(self.scenario.command).run();
        assert_eq!(again.code, 0, "{when}\nand then\n{}", again.snapshot());
        let end = self.states.last().map(|(state, _)| state.as_str());
        assert_eq!(Some(plain(database).as_str()), end, "{when}");
    }

    /// Whether this is what is in the database after so many commits. Where there are several, one index may be there that
    /// is not recorded, begun or complete: it is built outside a transaction.
    fn is_at(&self, nth: usize, found: &str) -> bool {
        let mut expected = self.states[nth].0.lines().peekable();
        let more: Vec<_> = found.lines().filter(|line| expected.next_if_eq(line).is_none()).collect();
        let is_online = self.states.len() > 2 && more.len() == 1 && more[0].starts_with("index|");
        expected.next().is_none() && (more.is_empty() || is_online)
    }

    /// Insists that no lock is left for longer than so long.
    pub(super) fn assert_unlocked(&self, database: &Database<'_>, patience: Duration, when: &str) {
        let began = Instant::now();
        within(patience, &format!("nobody is locked out, {when}"), || !left(database).contains("a lock"));
        let mut longest = self.longest_stalled.lock().expect("no thread died holding it");
        *longest = began.elapsed().max(*longest);
    }

    /// Insists that no session of a run and no lock is left for longer than so long.
    fn assert_free(&self, database: &Database<'_>, patience: Duration, when: &str) {
        let began = Instant::now();
        within(patience, &format!("nobody is locked out, {when}"), || left(database).is_empty());
        let mut longest = self.longest.lock().expect("no thread died holding it");
        *longest = began.elapsed().max(*longest);
    }

    /// Insists that what a run said fits the state that it left: the `nth`.
    fn assert_said(&self, output: &Output, nth: usize, when: &str) {
        let has = |text| output.stderr.contains(text);
        assert!(!has("panicked"), "{when}");
        match output.code {
            0 => assert!(has("done") && !has("error: "), "{when}"),
            1 => assert!(has("error: ") && has("\nhint: "), "{when}"),
            130 => assert!(has("error: interrupted; "), "{when}"),
            _ => panic!("{when}"),
        }
        let lines = output.stdout.lines().count();
        let is_unknown = has("cannot be asked how it ended");
        let is_next = is_unknown && nth > 0 && self.states[nth - 1].1 == lines;
        assert!(self.states[nth].1 == lines || is_next, "not what it says, but state {nth}, {when}");
        assert!(!has("nothing was changed") || nth == 0, "something was changed, {when}");
        assert_eq!(output.code == 0, !is_unknown && nth + 1 == self.states.len(), "{when}");
    }
}

impl Drop for Prepared<'_> {
    fn drop(&mut self) {
        let (Ok(longest), Ok(stalled)) = (self.longest.lock(), self.longest_stalled.lock()) else { return };
        let Self { scenario, server, .. } = self;
        println!("{} on {}: free after {longest:?}, stalled {stalled:?}", scenario.name, server.version);
    }
}

/// What is in a database, without the numbers of the records: an attempt that failed has used some.
fn plain(database: &Database<'_>) -> String {
    let contents = contents(database);
    let without = |line: &str| match line.split_once('|') {
        Some((id, rest)) if id.parse::<u32>().is_ok() => format!("{rest}\n"),
        Some(_) | None => format!("{line}\n"),
    };
    contents.lines().map(without).collect()
}

/// The sessions of ours in a database, and the locks of all.
fn left(database: &Database<'_>) -> String {
    database.query_text(
        "select application_name from pg_stat_activity
         where datname = current_database() and application_name like 'pevensie-pg %'
         union all
         select 'a lock of ' || pid from pg_locks where locktype = 'advisory'
         and database = (select oid from pg_database where datname = current_database())",
    )
}

/// Does something with each of these, several at a time.
pub(super) fn several_at_once<T: Sync>(workers: usize, all: &[T], work: impl Fn(&T) + Sync) {
    let next = Mutex::new(all.iter());
    thread::scope(|scope| {
        let worker = || {
            // Not in the loop's head, where the lock would be held until its body ends.
            let another = || next.lock().expect("no thread died holding it").next();
            while let Some(one) = another() {
                work(one);
            }
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
}

/// Runs a test on the newest server, in the long form on each.
pub(super) fn some_servers(test: impl Fn(&Server) + Sync) {
    let newest = servers().iter().max_by_key(|server| server.version).expect("there is one");
    if scale(false, true) { each_server(test) } else { test(newest) }
}
