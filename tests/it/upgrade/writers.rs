//! Applications at work: what they have to wait for while something is done to their tables.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use postgres::types::{ToSql, Type};
use postgres::{Client, Statement};

use crate::support::{Database, Stop, eventually};

/// One statement of an application.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) what: &'static str,
    pub(super) began: Instant,
    pub(super) took: Duration,
}

impl Done {
    /// Says whether it takes long only when it has to wait.
    pub(super) fn is_quick(&self) -> bool {
        self.what != LEAVE
    }
}

/// Does something while so many applications write: from before it begins until after it has ended.
///
/// Each of them has its own rows, so that it waits for nobody but whoever locks a table. Every third one is slow: it
/// keeps transactions open for 100 to 300 ms. Panics when a statement fails.
pub(super) fn while_writing<T>(database: &Database<'_>, writers: u32, work: impl FnOnce() -> T) -> (T, Vec<Done>) {
    let stop = AtomicBool::new(false);
    let rounds: Vec<AtomicU32> = (0..writers).map(|_| AtomicU32::new(0)).collect();
    let done = Mutex::new(Vec::new());
    let everybody_goes_on = || {
        let before: Vec<_> = rounds.iter().map(|round| round.load(Ordering::Relaxed)).collect();
        eventually("every application has done all that it does", || {
            stop.load(Ordering::Relaxed)
                || rounds.iter().zip(&before).all(|(round, before)| round.load(Ordering::Relaxed) > before + 1)
        });
    };
    let result = thread::scope(|scope| {
        for (number, round) in (0..).zip(&rounds) {
            let (stop, done) = (&stop, &done);
            scope.spawn(move || {
                let _stop = Stop(stop);
                let mut writer = Writer::new(database, number);
                while !stop.load(Ordering::Relaxed) {
                    writer.round(round.load(Ordering::Relaxed));
                    round.fetch_add(1, Ordering::Relaxed);
                }
                done.lock().expect("nobody dies holding it").append(&mut writer.done);
            });
        }
        let _stop = Stop(&stop);
        everybody_goes_on();
        let result = work();
        everybody_goes_on();
        result
    });
    (result, done.into_inner().expect("nobody died holding it"))
}

/// What an application does in one round, in this order. `$1` is its name, `$2` the round and `$3` one of its sessions
/// that are there from the beginning. Each of them affects one row.
const STATEMENTS: [&str; 8] = [
    "insert into pevensie.\"user\" (email, user_metadata) values ($1 || '@' || $2 || '.example.com', '{}')",
    "insert into pevensie.session (id, user_id)
     select md5($1 || ' ' || $2)::uuid, id from pevensie.\"user\" where email = $1 || '@' || $2 || '.example.com'",
    "insert into pevensie.cache values ($1, $1 || ' ' || $2, $3, now())
     on conflict (resource_type, key) do update set value = excluded.value, expires_at = excluded.expires_at",
    "update pevensie.session set expires_at = now(), user_agent = $1 || ' ' || $2 where id = $3::text::uuid",
    "update pevensie.\"user\" set last_sign_in = now() where email = $1 || '@' || $2 || '.example.com'",
    "update pevensie.cache set expires_at = now() where resource_type = $1 and key = $1 || ' ' || $2",
    "delete from pevensie.cache where resource_type = $1 and key = $1 || ' ' || $2",
    "delete from pevensie.session where id = md5($1 || ' ' || $2)::uuid",
];
/// As long as there is no index for it, this reads all sessions.
const LEAVE: &str = "delete from pevensie.\"user\" where email = $1 || '@' || $2 || '.example.com'";

struct Writer {
    client: Client,
    name: String,
    is_slow: bool,
    statements: Vec<(&'static str, Statement)>,
    /// Sessions that no other writer touches.
    sessions: Vec<String>,
    chance: fastrand::Rng,
    done: Vec<Done>,
}

impl Writer {
    fn new(database: &Database<'_>, number: u32) -> Self {
        let mut client = database.client();
        let name = format!("writer {number}");
        client.batch_execute(&format!("set application_name to '{name}'")).expect("it is a name");
        let sessions = format!("select id::text from pevensie.session order by id offset {} limit 200", number * 200);
        let sessions = client.query(&sessions, &[]).expect("it answers").iter().map(|row| row.get(0)).collect();
        // Prepared once, as a driver does it: the statements outlive what is done to their tables.
        let statements = STATEMENTS.into_iter().chain([LEAVE]);
        let statements = statements.map(|sql| {
            let parameters = if sql.contains("$3") { 3 } else { 2 };
            (
                sql,
                client.prepare_typed(sql, &[Type::TEXT, Type::TEXT, Type::TEXT][..parameters]).expect("it is correct"),
            )
        });
        let statements = statements.collect();
        let chance = fastrand::Rng::with_seed(number.into());
        Self { client, name, is_slow: number % 3 == 2, statements, sessions, chance, done: Vec::new() }
    }

    fn round(&mut self, round: u32) {
        let session = self.sessions[round as usize % self.sessions.len()].clone();
        if self.is_slow {
            self.simple("begin");
            for nth in 0..4 {
                self.run(nth, round, &session);
            }
            // Somebody else may wait for this; it does not wait for anybody.
            thread::sleep(Duration::from_millis(self.chance.u64(100..300)));
            self.run(4, round, &session);
            self.simple("commit");
        } else {
            for nth in 0..STATEMENTS.len() {
                self.run(nth, round, &session);
            }
            if round.is_multiple_of(8) {
                self.run(STATEMENTS.len(), round, &session);
            }
        }
    }

    fn run(&mut self, nth: usize, round: u32, session: &str) {
        let (what, statement) = &self.statements[nth];
        let round = round.to_string();
        let values: [&(dyn ToSql + Sync); 3] = [&self.name, &round, &session];
        let began = Instant::now();
        let affected = self.client.execute(statement, &values[..statement.params().len()]);
        self.done.push(Done { what, began, took: began.elapsed() });
        let affected = affected.unwrap_or_else(|error| panic!("{}: {error:?}\nin {what}", self.name));
        assert_eq!(affected, 1, "{}: {what}", self.name);
    }

    fn simple(&mut self, what: &'static str) {
        let began = Instant::now();
        self.client.batch_execute(what).unwrap_or_else(|error| panic!("{}: {error:?}\nin {what}", self.name));
        self.done.push(Done { what, began, took: began.elapsed() });
    }
}
