//! Servers before 14, and some poolers, do not report of which kind a session is: then it is asked.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use crate::support::{Private, each_server, run_on, servers};

const REPORTS: [&[u8]; 2] = [b"default_transaction_read_only\0", b"in_hot_standby\0"];

/// Passes everything on but what a server reports of a session's kind. Returns the port on which it does so.
fn reticent(server: u16) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(("127.0.0.1", server)).expect("it listens");
            let [to_server, to_client] = [&server, &client].map(|stream| stream.try_clone().expect("it is open"));
            thread::spawn(move || {
                io::copy(&mut &client, &mut &to_server).and_then(|_| to_server.shutdown(Shutdown::Write))
            });
            // Who has enough ends it.
            thread::spawn(move || pass_on(server, to_client).expect_err("it has an end"));
        }
    });
    port
}

/// Without TLS, every message of a server has a type and then its length.
fn pass_on(mut from: impl io::Read, mut to: impl io::Write) -> io::Result<()> {
    loop {
        let mut head = [0; 5];
        from.read_exact(&mut head)?;
        let [kind, length @ ..] = head;
        let mut body = vec![0; u32::from_be_bytes(length) as usize - length.len()];
        from.read_exact(&mut body)?;
        if kind != b'S' || !REPORTS.iter().any(|report| body.starts_with(report)) {
            to.write_all(&[&head[..], &body].concat())?;
        }
    }
}

/// Who is content with a session is told what is pending; who is not, why.
fn assert_found(port: u16, database: &str, expected: &[(&str, Option<&str>)]) {
    for (wanted, refused) in expected {
        let url =
            format!("postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable&target_session_attrs={wanted}");
        let output = run_on(&url, &["status", "--check"]).run();
        assert_eq!(output.code, if refused.is_some() { 1 } else { 3 }, "{wanted}: {}", output.snapshot());
        assert!(refused.is_none_or(|why| output.stderr.contains(why)), "{wanted}: {}", output.stderr);
    }
}

#[test]
fn a_session_is_asked_of_which_kind_it_is() {
    let (write, read) = (Some("the session is read-only"), Some("the session is not read-only"));
    let (primary, standby) = (Some("the server is a hot standby"), Some("the server is not a hot standby"));
    each_server(|server| {
        let database = server.database();
        let set = |value: &str| {
            database
                .execute(&format!("alter database {} set default_transaction_read_only = {value}", database.name()));
        };
        let of_primary = [("primary", None), ("standby", standby), ("prefer-standby", None)];
        let found = |read_write, read_only| {
            let of_session = [("read-write", read_write), ("read-only", read_only)];
            assert_found(reticent(server.port), database.name(), &[&of_session[..], &of_primary].concat());
        };
        found(None, read);
        set("on");
        found(write, None);
    });
    let server = Private::like(&servers()[0]);
    server.stop("fast");
    server.run("touch", &["data/standby.signal"]).expect("it is ours");
    server.restart();
    let of_standby = [("read-write", write), ("read-only", None), ("primary", primary), ("standby", None)];
    assert_found(reticent(server.port()), "postgres", &of_standby);
}
