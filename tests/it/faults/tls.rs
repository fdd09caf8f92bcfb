//! Which server is believed: every mode, certificate and root file, and what psql makes of the same.

use std::fs;
use std::io::{Read, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use super::report::{Case, scale};
use crate::support::{Private, ask_psql, eventually, pevensie_pg, servers};

const MODES: [&str; 6] = ["prefer", "require", "verify-ca", "verify-full", "allow", "disable"];
/// The name of a certificate, and of the root file that it hangs from as far as anybody knows.
const CERTIFICATES: [(&str, &str); 12] = [
    ("good", "root"),
    ("expired", "root"),
    ("early", "root"),
    ("elsewhere", "root"),
    ("named", "root"),
    ("named_elsewhere", "root"),
    ("self", "self"),
    ("self_authority", "self_authority"),
    ("self_authority_expired", "self_authority_expired"),
    ("version_1", "version_1"),
    ("version_1_expired", "version_1_expired"),
    ("unknown", "root"),
];
/// Makes them all, of one key.
const OPENSSL: &str = r"
cat >openssl.cnf <<'END'
[req]
distinguished_name = name
[name]
[ca]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
unique_subject = no
policy = any
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[self_authority]
basicConstraints = critical, CA:TRUE
[here]
basicConstraints = CA:FALSE
subjectAltName = DNS:localhost
[elsewhere]
basicConstraints = CA:FALSE
subjectAltName = DNS:db.example.com
[named]
basicConstraints = CA:FALSE
END
: >index.txt
ec='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1'
for name in root other stranger; do
  openssl req -x509 -config openssl.cnf -extensions authority -subj /CN=$name -nodes $ec -keyout $name.key -out $name.crt
done
openssl req -config openssl.cnf -subj /CN=localhost -nodes $ec -keyout server.key -out server.csr
chmod 600 server.key
# issue NAME AUTHORITY EXTENSIONS BEGIN END [OPTION]...
issue() {
  openssl ca -batch -notext -config openssl.cnf -name ca -in server.csr -out $1.crt -cert $2.crt -keyfile $2.key \
    -extensions $3 -startdate $4 -enddate $5 $6 $7
}
issue good root here 20200101000000Z 20491231235959Z
issue expired root here 20200101000000Z 20200201000000Z
issue early root here 20490101000000Z 20491231235959Z
issue elsewhere root elsewhere 20200101000000Z 20491231235959Z
# Without another name the common name counts.
issue named root named 20200101000000Z 20491231235959Z
issue named_elsewhere root named 20200101000000Z 20491231235959Z -subj /CN=db.example.com
issue unknown stranger here 20200101000000Z 20491231235959Z
openssl req -x509 -config openssl.cnf -extensions here -subj /CN=localhost -key server.key -out self.crt
openssl req -x509 -config openssl.cnf -extensions self_authority -subj /CN=localhost -key server.key -out self_authority.crt
# Without extensions it is of version 1.
itself() {
  openssl ca -batch -notext -config openssl.cnf -name ca -in server.csr -out $1.crt -selfsign -keyfile server.key \
    -startdate 20200101000000Z -enddate $2 $3
}
itself self_authority_expired 20200201000000Z '-extensions self_authority'
itself version_1 20491231235959Z
itself version_1_expired 20200201000000Z
";

fn start() -> Private {
    Private::start(|private| {
        private.run("sh", &["-ec", OPENSSL]).expect("openssl can do that");
        let file = |name: &str| private.path().join(name).display().to_string();
        (
            format!("ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'", file("good.crt"), file("server.key")),
            "host all all all trust\n".to_owned(),
        )
    })
}

/// Changes settings of a running server, and waits until sessions begin with them.
fn reload(server: &Private, settings: &[(&str, &str)]) {
    let mut client = server.client();
    let loaded: String = client.query_one("select pg_conf_load_time()::text", &[]).expect("it answers").get(0);
    for (name, value) in settings {
        client.batch_execute(&format!("alter system set {name} to '{value}'")).expect("it may be set");
    }
    client.batch_execute("select pg_reload_conf()").expect("it answers");
    let newer = format!("select pg_conf_load_time() > '{loaded}'");
    eventually("the settings are in force", || server.client().query_one(&newer, &[]).expect("it answers").get(0));
}

/// What came of it: nothing, or a session with or without TLS.
#[derive(Debug, PartialEq)]
enum Outcome {
    Refused,
    Plain,
    Tls,
}

fn by_psql(address: &str) -> Outcome {
    let output = ask_psql(address, "select ssl from pg_stat_ssl where pid = pg_backend_pid()").run();
    match (output.code, output.stdout.trim()) {
        (0, "t") => Outcome::Tls,
        (0, "f") => Outcome::Plain,
        _ => Outcome::Refused,
    }
}

/// Our outcome, with everything that was said.
fn by_us(address: &str) -> (Outcome, String) {
    let output = pevensie_pg(&["status", "-v", "--addr", address]).run();
    let outcome = if output.stderr.contains("over TCP, encrypted") {
        Outcome::Tls
    } else if output.stderr.contains("over TCP, not encrypted") {
        Outcome::Plain
    } else {
        assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{}", output.snapshot());
        Outcome::Refused
    };
    (outcome, output.stderr)
}

/// Both see the server alike, in every mode that is tried and with each of these root files.
fn compare(case: &Case, what: &str, port: u16, roots: &[(&str, Option<&Path>)]) {
    for mode in &MODES[..scale(4, 6)] {
        for (root, file) in roots {
            let file = file.map(|file| format!(" sslrootcert={}", file.display())).unwrap_or_default();
            let address = format!("host=localhost port={port} user=postgres dbname=postgres sslmode={mode}{file}");
            case.run(|| {
                let (ours, said) = by_us(&address);
                assert_eq!(ours, by_psql(&address), "{what}, sslmode={mode}, {root}:\n{said}");
            });
        }
    }
}

#[test]
fn the_server_is_believed_when_psql_believes_it() {
    let case = Case::new("TLS: every mode, certificate and root file, as psql");
    let server = start();
    let file = |name: &str| server.path().join(format!("{name}.crt"));
    for (certificate, authority) in CERTIFICATES {
        reload(&server, &[("ssl_cert_file", &file(certificate).display().to_string())]);
        let (right, wrong) = (file(authority), file("other"));
        let roots = [("no root file", None), ("the right one", Some(&*right)), ("a wrong one", Some(&*wrong))];
        compare(&case, certificate, server.port(), &roots);
    }
    reload(&server, &[("ssl", "off")]);
    let (right, wrong) = (file("root"), file("other"));
    let roots = [("no root file", None), ("the right one", Some(&*right)), ("a wrong one", Some(&*wrong))];
    compare(&case, "no TLS", server.port(), &roots);
}

#[test]
fn what_is_wrong_with_a_certificate_is_said() {
    let case = Case::new("TLS: what is wrong is said");
    let server = start();
    for (certificate, root, words) in [
        ("expired", "root", "the server's certificate has expired"),
        ("early", "root", "the server's certificate is not valid yet"),
        ("elsewhere", "root", "the server's certificate is not for \"localhost\""),
        ("elsewhere", "root", "connect by a name in the certificate (db.example.com)"),
        ("named_elsewhere", "root", "the server's certificate is not for \"localhost\""),
        ("named_elsewhere", "root", "connect by a name in the certificate (db.example.com)"),
        ("version_1_expired", "version_1_expired", "the server's certificate has expired"),
        ("self", "root", "the server's certificate is not signed by a trusted root"),
        ("unknown", "root", "the server's certificate is not signed by a trusted root"),
    ] {
        let file = |name: &str| server.path().join(format!("{name}.crt")).display().to_string();
        reload(&server, &[("ssl_cert_file", &file(certificate))]);
        let address = format!(
            "host=localhost port={} user=postgres sslmode=verify-full sslrootcert={}",
            server.port(),
            file(root)
        );
        case.run(|| {
            let (outcome, said) = by_us(&address);
            assert_eq!(outcome, Outcome::Refused);
            assert!(said.contains(words), "{certificate}: no {words:?} in\n{said}");
        });
    }
}

/// Somebody between us and the server who says that it has no TLS, and passes everything on in plain text.
fn downgrading(target: u16, answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.expect("a connection");
            thread::spawn(move || {
                let mut request = [0; 8];
                // Everybody begins with eight bytes: a request for TLS, or the beginning of something else.
                let Ok(()) = client.read_exact(&mut request) else { return };
                let mut server = TcpStream::connect(("127.0.0.1", target)).expect("the server listens");
                if request[4..] == 80_877_103_u32.to_be_bytes() {
                    let _ = client.write_all(answer);
                } else {
                    let _ = server.write_all(&request);
                }
                let (mut from, mut to) = (client.try_clone().expect("shared"), server.try_clone().expect("shared"));
                thread::spawn(move || {
                    let _ = copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Write);
                });
                let _ = copy(&mut server, &mut client);
                let _ = client.shutdown(Shutdown::Write);
            });
        }
    });
    port
}

#[test]
fn nobody_is_talked_out_of_tls() {
    let case = Case::new("TLS: a downgrade by somebody in between");
    let target = servers()[0].port;
    let root = fs::canonicalize(Path::new(&crate::support::setting("PEVENSIE_PG_TEST_DIR")).join("tls/root.crt"));
    let root = root.expect("scripts/servers has made it");
    // A no; an agreement with something sent ahead of the handshake; an error from before there was TLS; nonsense.
    for answer in [&b"N"[..], b"SR\0\0\0\x08\0\0\0\0", b"E\0\0\0\x0aSno\0\0\0", b"?"] {
        let port = downgrading(target, answer);
        for mode in ["require", "verify-ca", "verify-full"] {
            for binding in ["prefer", "require"] {
                let address = format!(
                    "host=localhost port={port} user=scram password='correct horse' dbname=postgres sslmode={mode} \
                     sslrootcert={} channel_binding={binding} connect_timeout=5",
                    root.display()
                );
                case.run(|| {
                    let (outcome, said) = by_us(&address);
                    assert_eq!(outcome, Outcome::Refused, "{mode} {answer:?}: {said}");
                });
            }
        }
        // Who only prefers it is told that there is none, and who binds the password to it does not give it away.
        let address = |more: &str| format!("host=localhost port={port} dbname=postgres sslmode=prefer {more}");
        if answer == b"N" {
            case.run(|| assert_eq!(by_us(&address("user=postgres")).0, Outcome::Plain));
        }
        case.run(|| {
            let bound = address("user=scram password='correct horse' channel_binding=require");
            assert_eq!(by_us(&bound).0, Outcome::Refused);
        });
    }
}
