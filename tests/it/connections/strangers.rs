//! Whatever answers where a server is thought to be.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::assert_said;

/// Reads the first message of a client, or not, answers, and hangs up. Returns the port on which it does so.
fn stranger(is_read: bool, answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            if is_read {
                read(&mut client);
            } else {
                // What nobody has read makes of the end a reset.
                client.peek(&mut [0]).expect("it says something");
            }
            client.write_all(answer).expect("it listens");
        }
    });
    port
}

/// The first message begins with its length.
fn read(client: &mut TcpStream) {
    let mut length = [0; 4];
    client.read_exact(&mut length).expect("it says something");
    client.read_exact(&mut vec![0; u32::from_be_bytes(length) as usize - length.len()]).expect("it says all of it");
}

/// `AuthenticationOk` and `ReadyForQuery`.
const LETS_IN: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";
/// `AuthenticationKerberosV5`, which nobody speaks any more.
const KERBEROS: &[u8] = b"R\0\0\0\x08\0\0\0\x02";

#[test]
fn what_is_no_server_is_told_from_one() {
    let plain = "sslmode=disable";
    for (is_read, answer, more, expected) in [
        (false, &b""[..], plain, "the connection ended before the server let us in: Connection reset by peer"),
        (true, b"", plain, "the connection ended before the server let us in: closed by the server"),
        (true, b"HTTP/1.1 400 Bad Request\r\n\r\n", plain, "the connection ended before the server let us in: "),
        (true, b"X\0\0\0\x04", plain, "the connection ended before the server let us in: unknown message tag"),
        (true, KERBEROS, plain, "authentication error: unsupported authentication method"),
        (true, b"HTTP/1.1 400 Bad Request\r\n\r\n", "sslmode=require", "the server does not offer TLS"),
        (true, b"SHTTP/1.1 400 Bad Request\r\n\r\n", "sslmode=require", "the TLS handshake failed: received corrupt"),
        (
            true,
            LETS_IN,
            "sslmode=disable target_session_attrs=read-write",
            "the connection ended before the server let us in: closed by the server",
        ),
    ] {
        let port = stranger(is_read, answer);
        let address = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres {more}");
        let why = format!("error: cannot connect to database \"postgres\" on 127.0.0.1:{port}: {expected}");
        assert_said(&address, &[], &why);
    }
}
