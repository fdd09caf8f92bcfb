//! The example: a service that migrates at its start, several at once.

use std::io::Read;
use std::net::TcpStream;
use std::time::Duration;

use crate::support::{Running, each_server, example};

/// What a service tells whoever connects, once it listens.
fn answer(service: &mut Running) -> String {
    let line = service.wait_for_stderr_line("listening on ");
    let mut answer = String::new();
    let mut stream = TcpStream::connect(&line).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("it is not zero");
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn two_at_once_on_one_database() {
    each_server(|server| {
        let database = server.database();
        let start = || example("service").env("DATABASE_URL", database.url()).env("LISTEN", "127.0.0.1:0").spawn();
        let mut services = [start(), start()];
        for service in &mut services {
            assert_eq!(answer(service), "ok: 0 entries in the cache\n");
        }
        database.run(&["status", "--check"]).run().ok();
        for (service, signal) in services.into_iter().zip(["INT", "TERM"]) {
            service.signal(signal);
            service.wait().ok();
        }
    });
}

#[test]
fn it_ends_while_it_waits_and_with_the_code_of_the_tool() {
    each_server(|server| {
        let database = server.database();
        let holder = database.hold_lock();
        let mut waiting = example("service").env("DATABASE_URL", database.url()).spawn();
        waiting.wait_for_stderr("waiting for another migrator to finish");
        waiting.signal("TERM");
        waiting.wait().ok();
        drop(holder);
        let role = database.role("service", "");
        let output = example("service").env("DATABASE_URL", database.url_as(&role)).run();
        assert_eq!(output.code, 1, "{}", output.snapshot());
        assert!(output.stderr.contains("hint: as the database's owner, run: GRANT CREATE"), "{}", output.snapshot());
    });
}
