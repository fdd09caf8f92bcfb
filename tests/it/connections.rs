//! Addresses, passwords and TLS, against real servers.
//!
//! Who may come in how is set up by `scripts/servers`; what is expected here is what psql does there.

mod beside_psql;
mod certificates;
mod password_files;
mod services;
mod strangers;
mod unreported;

use std::net::TcpListener;
use std::path::PathBuf;
use std::{env, fs};

use crate::support::{Bouncer, Folder, Private, UP, each_server, eventually, pevensie_pg, run_on, servers};

const TLS: &str = "over TCP, encrypted";
const PLAIN: &str = "over TCP, not encrypted";
const SOCKET: &str = "over a Unix-domain socket";
const UNTRUSTED: &str = "the server's certificate is not signed by a trusted root";
const NOT_ADMITTED: &str = "(28000)";
const PASSWORD: &str = "correct horse";

/// A file that `scripts/servers` has made.
fn certificate(name: &str) -> String {
    let folder = env::var("PEVENSIE_PG_TEST_DIR").expect("set together with PEVENSIE_PG_TEST_SERVERS");
    PathBuf::from(folder).join("tls").join(name).display().to_string()
}

/// What `status` has to say on stderr about an address, in an environment of these variables.
fn said(address: Option<&str>, variables: &[(&str, &str)]) -> String {
    let address = address.map(|address| format!("--addr={address}"));
    let arguments: Vec<_> = ["status", "--json", "-v"].into_iter().chain(address.as_deref()).collect();
    let run = variables.iter().fold(pevensie_pg(&arguments), |run, (name, value)| run.env(name, value));
    run.run().stderr
}

#[track_caller]
fn assert_said(address: &str, variables: &[(&str, &str)], expected: &str) {
    let said = said(Some(address), variables);
    assert!(said.contains(expected), "{address} {variables:?}: no {expected:?} in\n{said}");
}

#[test]
fn the_six_modes_mean_what_libpq_says() {
    let (root, other) = (certificate("root.crt"), certificate("other.crt"));
    let (root, other) = (format!("sslrootcert={root}"), format!("sslrootcert={other}"));
    let by_ip = format!("{root} host=127.0.0.1");
    let by_ip_with_name = format!("{root} hostaddr=127.0.0.1");
    let by_ip_alone = format!("{root} hostaddr=127.0.0.1 host=");
    let table = [
        ("disable", "postgres", "", PLAIN),
        ("disable", "plain_only", "", PLAIN),
        ("disable", "tls_only", "", NOT_ADMITTED),
        ("allow", "postgres", "", PLAIN),
        ("allow", "plain_only", "", PLAIN),
        ("allow", "tls_only", "", TLS),
        ("prefer", "postgres", "", TLS),
        ("prefer", "plain_only", "", PLAIN),
        ("prefer", "tls_only", "", TLS),
        ("prefer", "postgres", &root, TLS),
        ("prefer", "postgres", &other, PLAIN),
        ("prefer", "nobody_gets_in", "", NOT_ADMITTED),
        ("require", "postgres", "", TLS),
        ("require", "plain_only", "", NOT_ADMITTED),
        ("require", "tls_only", "", TLS),
        ("require", "postgres", "sslrootcert=/nowhere/root.crt", TLS),
        ("require", "postgres", &root, TLS),
        ("require", "postgres", &by_ip, TLS),
        ("require", "postgres", &other, UNTRUSTED),
        ("verify-ca", "postgres", "", "root.crt does not exist"),
        ("verify-ca", "postgres", &root, TLS),
        ("verify-ca", "postgres", &by_ip, TLS),
        ("verify-ca", "postgres", &by_ip_alone, TLS),
        ("verify-ca", "postgres", &other, UNTRUSTED),
        ("verify-full", "postgres", "", "root.crt does not exist"),
        ("verify-full", "postgres", &root, TLS),
        ("verify-full", "postgres", &by_ip_with_name, TLS),
        ("verify-full", "postgres", &by_ip, "the server's certificate is not for \"127.0.0.1\""),
        ("verify-full", "postgres", &by_ip_alone, "needs a host name"),
        ("verify-full", "postgres", &other, UNTRUSTED),
    ];
    each_server(|server| {
        for (mode, role, more, expected) in table {
            let port = server.port;
            let address = format!("host=localhost port={port} user={role} dbname=postgres sslmode={mode} {more}");
            assert_said(&address, &[], expected);
        }
    });
}

#[test]
fn roots_come_from_the_home_folder_or_from_the_system() {
    let home_with = |name: &str| {
        let home = Folder::new();
        fs::create_dir(home.path().join(".postgresql")).unwrap();
        fs::copy(certificate(name), home.path().join(".postgresql/root.crt")).unwrap();
        home
    };
    let (port, root, other) = (servers()[0].port, certificate("root.crt"), certificate("other.crt"));
    let (right_home, other_home) = (home_with("root.crt"), home_with("other.crt"));
    let (right_home, other_home) = (right_home.path().to_str().unwrap(), other_home.path().to_str().unwrap());
    let folder = Folder::new();
    let (empty, half) =
        (folder.write("empty.crt", "none\n"), folder.write("half.crt", "-----BEGIN CERTIFICATE-----\n"));
    let [no_root, half_root] = [&empty, &half].map(|file| format!("sslmode=require sslrootcert={}", file.display()));
    for (mode, variables, expected) in [
        ("sslmode=require", ("HOME", right_home), TLS),
        ("sslmode=verify-full", ("HOME", right_home), TLS),
        ("sslmode=require", ("HOME", other_home), UNTRUSTED),
        ("sslmode=prefer", ("HOME", other_home), PLAIN),
        ("sslmode=disable", ("HOME", other_home), PLAIN),
        ("sslrootcert=system", ("SSL_CERT_FILE", root.as_str()), TLS),
        ("sslrootcert=system", ("SSL_CERT_FILE", other.as_str()), UNTRUSTED),
        ("sslrootcert=system", ("SSL_CERT_FILE", empty.to_str().unwrap()), "has no root certificates that can be read"),
        (&no_root, ("HOME", right_home), "empty.crt holds no certificate"),
        (&half_root, ("HOME", right_home), "half.crt cannot be read: "),
        ("sslrootcert=system sslmode=require", ("SSL_CERT_FILE", root.as_str()), "is too weak for sslrootcert=system"),
    ] {
        let address = format!("host=localhost port={port} user=postgres dbname=postgres {mode}");
        assert_said(&address, &[variables], expected);
    }
}

#[test]
fn a_socket_has_no_tls_and_needs_none() {
    each_server(|server| {
        let (folder, port) = (server.socket.display(), server.port);
        let encoded = folder.to_string().replace('/', "%2F");
        assert_said(&format!("host={folder} port={port} user=postgres sslmode=verify-full"), &[], SOCKET);
        assert_said(&format!("postgres://postgres@{encoded}:{port}/postgres"), &[], SOCKET);
    });
}

/// Its name is no file's: only Linux has that, since PostgreSQL 14.
#[test]
fn a_socket_may_be_abstract() {
    let name = format!("@pevensie_pg_{}", std::process::id());
    let server = Private::like_with(&servers()[0], &format!("-c unix_socket_directories={name}"));
    let at = |more: &str| format!("host={name} port={} user=postgres dbname=postgres{more}", server.port());
    assert_said(&at(""), &[], SOCKET);
    assert_said(&at(" sslmode=verify-full"), &[], SOCKET);
    let [mut holder, mut observer] = [server.client(), server.client()];
    holder.batch_execute("begin; create schema pevensie").expect("it is a new one");
    // The server is asked to cancel by the same way.
    let running = run_on(&at(""), UP).spawn();
    let waiting = "select from pg_stat_activity where wait_event_type = 'Lock'";
    eventually("it waits", || !observer.query(waiting, &[]).expect("it answers").is_empty());
    running.signal("INT");
    assert_eq!(running.wait().code, 130);
    eventually("the server has heard of it", || {
        server.log().contains("ERROR:  canceling statement due to user request")
    });
}

#[test]
fn passwords_are_used_and_never_shown() {
    let port = servers()[0].port;
    let host = format!("host=localhost port={port} user=scram dbname=postgres");
    for (address, variables, expected) in [
        (format!("postgres://scram:correct%20horse@localhost:{port}/postgres"), &[][..], TLS),
        (format!("{host} password='{PASSWORD}'"), &[], TLS),
        (format!("{host} password='{PASSWORD}' sslmode=disable"), &[], PLAIN),
        (format!("{host} password='{PASSWORD}' channel_binding=require"), &[], TLS),
        (format!("{host} password='{PASSWORD}' channel_binding=disable"), &[], TLS),
        (format!("{host} password='{PASSWORD}' channel_binding=require sslmode=disable"), &[], "not bound to TLS"),
        (host.clone(), &[("PGPASSWORD", PASSWORD)], TLS),
        (format!("postgres://scram:{}@localhost:{port}/postgres", "wrong%20horse"), &[], "(28P01)"),
        (format!("postgres://scram:{PASSWORD}@localhost:{port}/"), &[], "a space or a line break"),
        (format!("postgres://scram:horse@localhost:{port}/a@b"), &[], "has an \"@\" or \"/\""),
        (format!("postgres://scram:50%horse@localhost:{port}/"), &[], "two hexadecimal digits"),
        (format!("{host} password={PASSWORD}"), &[], "a \"=\" is missing in --addr after the value of password"),
        (host.clone(), &[], "the server wants a password, and none is given"),
    ] {
        assert_said(&address, variables, expected);
        assert!(!said(Some(&address), variables).contains("horse"), "{address}");
    }
}

#[test]
fn sources_come_in_the_order_of_the_manual() {
    let port = servers()[0].port;
    let (url, port) = (format!("postgres://postgres@localhost:{port}/postgres"), port.to_string());
    let nowhere = "postgres://postgres@localhost:1/postgres";
    let pg = [("PGHOST", "localhost"), ("PGPORT", port.as_str()), ("PGUSER", "postgres"), ("PGSSLMODE", "disable")];

    assert!(said(None, &pg).contains(PLAIN));
    assert!(said(None, &[("DATABASE_URL", url.as_str()), ("PGPORT", "1")]).contains(TLS));
    assert!(said(Some(&url), &[("DATABASE_URL", nowhere), ("PGSSLMODE", "disable")]).contains(PLAIN));
    let nothing = said(None, &[("PGSSLMODE", "disable")]);
    for way in ["--addr", "DATABASE_URL", "PGHOST", "pevensie-pg print"] {
        assert!(nothing.contains(way), "{nothing}");
    }
    assert_said(&url, &[("PGREQUIREAUTH", "none")], "require_auth is not supported yet (set in PGREQUIREAUTH)");
}

#[test]
fn the_hosts_are_tried_in_order_until_one_is_right() {
    let port = servers()[0].port;
    let who = "user=postgres dbname=postgres";
    let refused = format!("host=localhost,localhost port=1,{port} {who}");
    let missing_folder = format!("host=/nowhere,localhost port={port} {who}");
    for (address, expected) in [
        (refused.clone(), TLS),
        (missing_folder, TLS),
        (format!("host=name.invalid,localhost port={port} {who}"), TLS),
        (format!("{refused} target_session_attrs=primary"), TLS),
        (format!("{refused} target_session_attrs=prefer-standby"), TLS),
        (format!("{refused} target_session_attrs=standby"), "the server is not a hot standby"),
        (format!("{refused} target_session_attrs=read-only"), "the session is not read-only"),
        (format!("{refused} target_session_attrs=read-only options=-cdefault_transaction_read_only=on"), TLS),
        // Whoever was turned away by one server is not sent on to the next.
        (format!("host=localhost,localhost port={port},1 user=postgres dbname=absent"), "(3D000)"),
        (format!("host=localhost port=1 {who}"), "connection refused"),
        (format!("host=name.invalid {who}"), "the host name cannot be resolved"),
        (format!("host=/nowhere {who}"), "there is no socket"),
    ] {
        assert_said(&address, &[], expected);
    }
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let (dead, alive) = (silent.local_addr().unwrap().port(), servers()[0].port);
    let address = format!("--addr=host=127.0.0.1 port={dead} user=postgres connect_timeout=600");
    let output = pevensie_pg(&["status", &address, "--connect-timeout=200ms"]).run();
    assert!(output.stderr.contains("no answer within 200ms"), "{}", output.stderr);
    let next = format!("host=127.0.0.1,localhost port={dead},{alive} user=postgres connect_timeout=5");
    assert_said(&next, &[], TLS);
}

#[test]
fn privileges_are_named() {
    each_server(|server| {
        let database = server.database();
        let name = database.name();
        database.execute(&format!("revoke connect on database {name} from public"));
        let outsider = database.role("outsider", "");
        let full = database.role("full", "connection limit 0");
        database.execute(&format!("grant connect on database {name} to {full}"));
        assert_said(
            &database.url_as(&outsider),
            &[],
            &format!("GRANT CONNECT ON DATABASE \"{name}\" TO \"{outsider}\";"),
        );
        assert_said(&database.url_as(&full), &[], "(53300)");
    });
}

#[test]
fn who_gives_no_name_is_told_whose_it_is() {
    let port = servers()[0].port;
    let both = "give user=… and dbname=…, or PGUSER and PGDATABASE";
    for (given, missing) in [("", both), (" dbname=postgres", "give user=… or PGUSER")] {
        let address = format!("host=localhost port={port}{given} passfile=/nowhere");
        assert_said(&address, &[], "hint: without a name it is that of the operating system's user;\n");
        assert_said(&address, &[], missing);
    }
}

#[test]
fn the_kind_of_session_is_checked_behind_a_pooler_too() {
    let server = &servers()[0];
    let bouncer = Bouncer::start(server, 2);
    let database = server.database();
    let address = bouncer.url(&database);
    assert_said(&format!("{address}?target_session_attrs=read-write"), &[], PLAIN);
    assert_said(&format!("{address}?target_session_attrs=standby"), &[], "the server is not a hot standby");
}
