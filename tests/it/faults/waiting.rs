//! Waiting: for a server that is not ready, for one that is to become the primary, for another migrator and for a table.

use std::io::{Read, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::report::{Case, scale};
use crate::support::{Database, Private, Server, UP, assert_snapshot, contents, each_server, run_on, servers};

/// The server that a private one can be a standby of.
fn primary() -> &'static Server {
    servers().iter().find(|server| server.version == 15).expect("PostgreSQL 15 is among the servers")
}

fn address(standby: &Private, database: &Database<'_>, more: &str) -> String {
    format!("host=127.0.0.1 port={} user=postgres dbname={} {more}", standby.port(), database.name())
}

/// A port that hangs up on the first who come, as that of a container whose server does not run yet; then the server's.
fn hanging_up(first: usize, server: &'static Server) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for client in listener.incoming().skip(first) {
            let mut client = client.expect("a connection");
            let mut target = TcpStream::connect(("127.0.0.1", server.port)).expect("the server listens");
            let (mut from, mut to) = (client.try_clone().expect("shared"), target.try_clone().expect("shared"));
            thread::spawn(move || {
                let _ = copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            });
            thread::spawn(move || {
                let _ = copy(&mut target, &mut client);
                let _ = client.shutdown(Shutdown::Write);
            });
        }
    });
    port
}

#[test]
fn a_port_without_a_server_behind_it_is_waited_for() {
    let case = Case::new("--wait: a port that hangs up");
    let database = primary().database();
    let url = |port: u16| format!("postgres://postgres@127.0.0.1:{port}/{}", database.name());
    let refused = run_on(&url(hanging_up(1, primary())), UP).run();
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.snapshot());
    for words in ["the connection ended before the server let us in", "\n      --wait=30s keeps trying while it starts"]
    {
        assert!(refused.stderr.contains(words), "no {words:?} in {}", refused.stderr);
    }
    case.run(|| {
        let output = run_on(&url(hanging_up(3, primary())), &[UP, &["--wait=50s"]].concat()).run().ok();
        assert!(output.stderr.contains("waiting for the server: "), "{}", output.snapshot());
    });
}

#[test]
fn a_port_without_a_server_that_speaks_tls_at_once_is_waited_for() {
    let case = Case::new("--wait: a port that hangs up on TLS");
    let server = servers().iter().find(|server| server.version >= 17).expect("one knows direct TLS");
    let database = server.database();
    let url = |port: u16| {
        format!("postgres://postgres@127.0.0.1:{port}/{}?sslmode=require&sslnegotiation=direct", database.name())
    };
    let refused = run_on(&url(hanging_up(1, server)), UP).run();
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.snapshot());
    for words in ["the connection ended during the TLS handshake", "\n      --wait=30s keeps trying while it starts"] {
        assert!(refused.stderr.contains(words), "no {words:?} in {}", refused.stderr);
    }
    case.run(|| {
        let output = run_on(&url(hanging_up(3, server)), &[UP, &["--wait=50s"]].concat()).run().ok();
        assert!(output.stderr.contains("waiting for the server: "), "{}", output.snapshot());
    });
}

fn waits_until_promoted(standby: &Private, url: &str) {
    let mut running = run_on(url, &[UP, &["--wait=50s"]].concat()).spawn();
    running.wait_for_stderr("waiting for the server: ");
    standby.promote();
    assert!(running.wait().ok().stdout.contains("applied  cache"));
    run_on(url, &["status", "--check"]).run().ok();
}

#[test]
fn a_server_in_recovery_is_waited_for() {
    let case = Case::new("--wait: a server in recovery (57P03)");
    let database = primary().database();
    // It accepts nobody as long as it follows.
    let standby = Private::standby_of(primary(), "-c hot_standby=off");
    let url = address(&standby, &database, "");
    let refused = run_on(&url, UP).run();
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.snapshot());
    for words in ["(57P03)", "hint: --wait=30s keeps trying until the server accepts connections"] {
        assert!(refused.stderr.contains(words), "no {words:?} in {}", refused.stderr);
    }
    case.run(|| waits_until_promoted(&standby, &url));
}

#[test]
fn a_standby_that_becomes_the_primary_is_waited_for() {
    let case = Case::new("--wait: a standby that is promoted");
    for target in ["primary", "read-write"].into_iter().take(scale(1, 2)) {
        let database = primary().database();
        let standby = Private::standby_of(primary(), "");
        standby.catch_up(&database);
        let url = address(&standby, &database, &format!("target_session_attrs={target}"));
        let refused = run_on(&url, UP).run();
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.snapshot());
        assert!(!refused.stderr.contains("waiting for the server"), "{}", refused.stderr);
        // Without the wish for another kind of server there is nothing to wait for.
        let standby_alone = run_on(&address(&standby, &database, ""), &[UP, &["--wait=50s"]].concat()).run();
        assert_eq!(standby_alone.code, 1, "{}", standby_alone.snapshot());
        assert!(standby_alone.stderr.contains("this server is a standby"), "{}", standby_alone.stderr);
        case.run(|| waits_until_promoted(&standby, &url));
        // It was done there, and nowhere else.
        assert_eq!(contents(&database), "");
    }
}

#[test]
fn who_held_the_lock_all_the_time_is_named() {
    let case = Case::new("--lock-wait is over");
    each_server(|server| {
        let database = server.database();
        let _holder = database.hold_lock();
        let role = database.role("app", "");
        database.execute(&format!("grant create on database {} to {role}", database.name()));
        case.run(|| {
            let output = database.run(&[UP, &["--lock-wait=5s"]].concat()).run();
            assert_eq!(output.code, 6, "{}", output.snapshot());
            assert_snapshot!("who_held_the_lock_all_the_time", output);
        });
        // Since when is for those who may see it.
        case.run(|| {
            let output = run_on(&database.url_as(&role), &[UP, &["--lock-wait=200ms"]].concat()).run();
            assert_eq!(output.code, 6, "{}", output.snapshot());
            assert!(output.stderr.contains("held by: the other one, role postgres\n  process: "), "{}", output.stderr);
        });
        assert_eq!(contents(&database), "");
    });
}

/// Longer than any of the time-outs.
const LONG: Duration = Duration::from_millis(2500);

#[test]
fn time_outs_of_a_second_do_not_end_a_long_wait() {
    let case = Case::new("a long wait, with time-outs of 1 s for everything");
    each_server(|server| {
        for holders in [true, false] {
            let database = server.database();
            let role = database.role("app", "");
            let mut settings = vec!["statement", "lock", "idle_in_transaction_session", "idle_session"];
            if server.version >= 17 {
                settings.push("transaction");
            }
            database.execute(&format!("create schema pevensie authorization {role}"));
            for setting in settings {
                database.execute(&format!(
                    "alter database {} set {setting}_timeout to '1s'; alter role postgres in database {0} set
                     {setting}_timeout to 0; alter role {role} set {setting}_timeout to '1s'",
                    database.name()
                ));
            }
            let url = database.url_as(&role);
            case.run(|| {
                if holders {
                    held(&database, &url);
                } else {
                    queued(&database, &url);
                }
                database.run(&["status", "--check"]).run().ok();
            });
        }
    });
}

/// Waits for another migrator.
fn held(database: &Database<'_>, url: &str) {
    let mut holder = database.hold_lock();
    let mut running = run_on(url, UP).spawn();
    running.wait_for_stderr("held by: the other one");
    // That nothing happens in this time is what is to be seen.
    thread::sleep(LONG);
    holder.batch_execute("commit").expect("nothing is in the way");
    running.wait().ok();
}

/// Waits for a table, once for as long as one statement may, and then again.
fn queued(database: &Database<'_>, url: &str) {
    run_on(url, UP).run().ok();
    run_on(url, &["rollback", "cache", "--steps=2", "--apply", "--yes"]).run().ok();
    let mut reader = database.client();
    reader.batch_execute("begin; lock table pevensie.cache in access share mode").expect("nobody else uses it");
    let mut running = run_on(url, &[UP, &["--lock-timeout=12s"]].concat()).spawn();
    running.wait_for_stderr("waiting for a lock");
    thread::sleep(LONG);
    reader.batch_execute("commit").expect("nothing is in the way");
    running.wait().ok();
}

/// Passes everything on, but what a client sends a moment later. Returns the port on which it does so.
fn slow(server: u16, delay: Duration) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(("127.0.0.1", server)).expect("it listens");
            let [mut from, mut to] = [&client, &server].map(|stream| stream.try_clone().expect("it is open"));
            thread::spawn(move || {
                let mut bytes = vec![0; 1 << 16];
                while let Ok(read @ 1..) = from.read(&mut bytes) {
                    thread::sleep(delay);
                    if to.write_all(&bytes[..read]).is_err() {
                        return;
                    }
                }
            });
            thread::spawn(move || copy(&mut &server, &mut &client));
        }
    });
    port
}

#[test]
fn who_is_too_slow_for_a_session_that_may_not_be_idle_is_told_so() {
    let case = Case::new("idle_session_timeout, shorter than a message takes");
    each_server(|server| {
        let database = server.database();
        let port = slow(server.port, Duration::from_millis(100));
        let name = database.name();
        let url = format!(
            "postgres://postgres@127.0.0.1:{port}/{name}?sslmode=disable&options=-c%20idle_session_timeout%3D10ms"
        );
        for command in [&["status"][..], &[UP, &["--lock-wait=2s"]].concat()] {
            case.run(|| {
                let output = run_on(&url, command).run();
                let why = "error: the connection to the server was lost: terminating connection due to idle-session timeout (57P05)\n";
                assert!(output.code == 1 && output.stderr.contains(why), "{}", output.snapshot());
            });
        }
        assert_eq!(contents(&database), "");
    });
}
