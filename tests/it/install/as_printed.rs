//! What is printed is what runs: byte for byte, by the server's own log.

use std::fs;
use std::path::PathBuf;

use crate::support::{Server, each_server, run_on};

/// The file that the server writes its log to.
fn log_of(server: &Server) -> PathBuf {
    let folder = server.socket.ancestors().nth(2).expect("the sockets have a folder below the servers'");
    folder.join(format!("log/{}.log", server.version))
}

/// The statements of the session whose statements have a mark, message by message.
///
/// A line of the log that continues a message begins with a tab.
fn statements(log: &str, mark: &str) -> Vec<String> {
    let entries = log.replace("\n\t", "\u{1}");
    let entries: Vec<(&str, &str)> = entries
        .lines()
        .filter_map(|entry| {
            let (head, statement) = entry.split_once("] LOG:  statement: ")?;
            Some((head.rsplit_once('[')?.1, statement))
        })
        .collect();
    let (pid, _) = entries.iter().find(|(_, statement)| statement.contains(mark)).expect("the session is in the log");
    let of_session = entries.iter().filter(|(of, _)| of == pid);
    of_session.map(|(_, statement)| statement.replace('\u{1}', "\n")).collect()
}

/// How a message begins that only looks, and one that takes the lock.
const LOOK: &str = "begin isolation level repeatable read read only";
const BEGIN: &str = "begin isolation level read committed read write";

#[test]
fn what_is_printed_is_what_runs() {
    each_server(|server| {
        let database = server.database();
        let role = database.role("app", "nosuperuser");
        database.execute(&format!(
            "grant create on database {} to {role}; alter role {role} set log_statement to 'all'",
            database.name()
        ));
        let url = database.url_as(&role);
        // A limit that no other session has is the mark by which the log knows ours.
        for (command, apply, mark, looks) in [
            (&["migrate", "auth"][..], &["--apply"][..], "123451", &[LOOK][..]),
            (&["migrate", "auth", "cache"], &["--apply"], "123452", &[LOOK, BEGIN]),
            (&["rollback", "auth", "cache", "base"], &["--apply", "--yes"], "123453", &[BEGIN]),
            (&["rollback", "auth@0", "cache@0", "base@0"], &["--apply", "--yes"], "123454", &[BEGIN]),
        ] {
            let printed = run_on(&url, command).run().ok().stdout;
            assert!(printed.len() > 500, "{printed}");
            let begin = fs::metadata(log_of(server)).expect("the server has a log").len();
            let lock_timeout = format!("--lock-timeout={mark}ms");
            run_on(&url, &[command, apply, &[&lock_timeout]].concat()).run().ok();

            let log = fs::read(log_of(server)).expect("the log can be read");
            let log =
                String::from_utf8_lossy(&log[usize::try_from(begin).expect("the log fits into memory")..]).into_owned();
            let sent = statements(&log, &format!("set local lock_timeout to {mark};"));
            let [before @ .., script, commit] = sent.as_slice() else { panic!("more messages than one: {sent:#?}") };
            assert_eq!(before.iter().map(|sql| &sql[..sql.find(';').unwrap_or(0)]).collect::<Vec<_>>(), looks);
            // What is installed into nothing comes with what makes sure of that; and what is there afterwards is listed.
            let (guard, listing) = script.split_once(&printed).expect("it is sent as it is printed");
            let is_guarded = guard.starts_with(BEGIN) && guard.contains("pg_try_advisory_xact_lock");
            assert!(if looks == [LOOK] { is_guarded } else { guard.is_empty() }, "{guard}");
            assert_eq!(listing.trim(), include_str!("../../../sql/introspect/catalog.sql").trim());
            assert_eq!(commit, "commit");
        }
    });
}
