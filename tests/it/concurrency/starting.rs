//! A server that is not there yet.

use std::io::copy;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use tokio::net::TcpSocket;

use crate::support::{Server, UP, each_server, run_on};

/// A port that is ours and refuses connections: bound, but nobody listens.
fn quiet_port() -> (TcpSocket, u16) {
    let socket = TcpSocket::new_v4().expect("sockets can be had");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("there is a free port");
    let port = socket.local_addr().expect("it is bound").port();
    (socket, port)
}

/// Listens at last, and passes everything on to a server until the process ends.
fn forward(socket: TcpSocket, server: &Server) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime can be had");
    let listener: TcpListener = runtime.block_on(async {
        let listener = socket.listen(16).expect("the port is ours");
        listener.into_std().expect("nothing is under way")
    });
    listener.set_nonblocking(false).expect("a listener can block");
    let target = server.port;
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.expect("a connection");
            let server = TcpStream::connect(("127.0.0.1", target)).expect("the server listens");
            for (mut from, mut to) in [(clone(&client), clone(&server)), (server, client)] {
                thread::spawn(move || {
                    let _ = copy(&mut from, &mut to); // either side may just go away
                    let _ = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
}

fn clone(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a stream can be shared")
}

#[test]
fn a_server_that_starts_late_is_waited_for() {
    each_server(|server| {
        let database = server.database();
        let (socket, port) = quiet_port();
        let url = format!("postgres://postgres@127.0.0.1:{port}/{}", database.name());
        let mut running = run_on(&url, &[UP, &["--wait=50s"]].concat()).spawn();
        running.wait_for_stderr("waiting for the server: ");
        forward(socket, server);
        assert!(running.wait().ok().stdout.contains("applied  cache"));
        database.run(&["status", "--check"]).run().ok();
    });
}

#[test]
fn nobody_waits_unasked() {
    let (_socket, port) = quiet_port();
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    for wait in [&[][..], &["--wait=3s"]] {
        let output = run_on(&url, &[UP, wait].concat()).run();
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
        assert!(output.stderr.contains("connection refused"), "{}", output.stderr);
        assert_eq!(output.stderr.contains("waiting for the server"), !wait.is_empty(), "{}", output.stderr);
    }
}
