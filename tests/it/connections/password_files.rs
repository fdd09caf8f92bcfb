//! Password files, beside psql.

use std::fs;

use super::beside_psql::{allow, assert_like_psql, assert_ours};
use crate::support::{Folder, each_server};

const WANTED: &str = "the server wants a password, and none is given";

#[test]
fn the_first_line_that_matches_has_the_password() {
    each_server(|server| {
        let (port, socket) = (server.port, server.socket.to_str().unwrap());
        let home = Folder::new();
        let at = |host: &str| format!("{host} port={port} user=scram dbname=postgres");
        let (by_name, by_socket) = (at("host=localhost"), at(&format!("host={socket}")));
        let (in_tls, plain) = ("scram|postgres|t", "scram|postgres|f");
        let wrong_first = format!("given in password file {}/.pgpass, line 2", home.path().display());
        for (lines, address, expected) in [
            (&format!("localhost:{port}:postgres:scram:correct horse")[..], &by_name, in_tls),
            ("localhost:*:*:scram:correct horse", &by_name, in_tls),
            ("*:*:*:*:correct horse:and a comment", &by_name, in_tls),
            ("# ours\n\n#*:*:*:*:x\nlocal\\host:*:*:*:correct\\ horse\r", &by_name, in_tls),
            ("127.0.0.1:*:*:*:x\nlocalhost:*:*:*:correct horse", &by_name, in_tls),
            ("127.0.0.1:*:*:*:correct horse", &at("hostaddr=127.0.0.1"), in_tls),
            ("localhost:*:*:*:correct horse", &at("host=localhost hostaddr=127.0.0.1"), in_tls),
            ("127.0.0.1:*:*:*:correct horse", &at("host=localhost hostaddr=127.0.0.1"), WANTED),
            ("*:*:*:*:correct horse", &by_socket, plain),
            (&format!("{socket}:*:*:*:correct horse"), &by_socket, plain),
            ("localhost:*:*:*:correct horse", &by_socket, WANTED),
            ("*:*:*:*:x\n", &(by_name.clone() + " password='correct horse'"), in_tls),
            ("*:*:*:*:correct horse", &(by_name.clone() + " password=''"), in_tls),
            ("*:*:*:*:correct horse", &(by_name.clone() + " password=x"), "given in --addr"),
            ("\n*:*:*:*:x\n*:*:*:*:correct horse", &by_name, &wrong_first),
            ("*:*:*:*:\n*:*:*:*:correct horse", &by_name, WANTED),
            ("localhost:*:*:scram", &by_name, WANTED),
            ("local*:*:*:scram:correct horse", &by_name, WANTED),
            ("localhost:1:*:*:x", &by_name, WANTED),
            ("", &by_name, WANTED),
            (
                "localhost:1:*:*:x\nlocalhost:*:*:*:correct horse",
                &format!("host=localhost,localhost port=1,{port} user=scram dbname=postgres"),
                in_tls,
            ),
        ] {
            allow(&home.write(".pgpass", lines), 0o600);
            assert_like_psql(address, &[("HOME", home.path().to_str().unwrap())], expected);
        }
    });
}

#[test]
fn the_file_is_named_or_that_of_the_home_folder() {
    each_server(|server| {
        let home = Folder::new();
        allow(&home.write(".pgpass", "*:*:*:*:correct horse"), 0o600);
        let other = allow(&home.write("other", "*:*:*:*:x"), 0o600);
        let right = allow(&home.write("right", "*:*:*:*:correct horse"), 0o400);
        let open = allow(&home.write("open", "*:*:*:*:correct horse"), 0o640);
        home.write(".pg_service.conf", &format!("[shop]\npassfile={other}\n[good]\npassfile={right}\n"));
        let home = home.path().to_str().unwrap();
        let exposed = format!("warning: password file {open} is not used: it has group or world access");
        let folder = format!("warning: password file {home} is not used: it is not a plain file");
        let from = |line: &str| format!("given in password file {line}, line 1");
        for (more, variables, expected) in [
            ("", &[][..], "scram|postgres|t"),
            ("", &[("PGPASSFILE", other.as_str())], &from(&other)),
            (&format!("passfile={right}"), &[("PGPASSFILE", &other)], "scram|postgres|t"),
            (&format!("passfile={other}"), &[("PGPASSFILE", &right)], &from(&other)),
            (&format!("passfile={other}"), &[("PGPASSWORD", "correct horse")], "scram|postgres|t"),
            ("service=shop", &[("PGPASSFILE", &right)], &from(&other)),
            ("service=good", &[("PGPASSFILE", &other)], "scram|postgres|t"),
            ("passfile=/nowhere", &[], WANTED),
            (&format!("passfile={open}"), &[], WANTED),
            (&format!("passfile={open}"), &[], &exposed),
            (&format!("passfile={home}"), &[], &folder),
        ] {
            let address = format!("host=localhost port={} user=scram dbname=postgres {more}", server.port);
            assert_like_psql(&address, &[&[("HOME", home)][..], variables].concat(), expected);
        }
        // psql warns likewise where nobody asks for a password.
        let address = format!("host=localhost port={} user=postgres passfile={open}", server.port);
        assert!(assert_ours(&address, &[], "postgres|postgres|t").contains(&exposed));
        fs::remove_file(open).expect("it is there");
    });
}

#[test]
fn verbose_names_the_line_of_a_password() {
    each_server(|server| {
        let file = Folder::new();
        let path = file.write("p", "127.0.0.1:*:*:*:x\n127.0.0.1:*:*:*:y\nlocalhost:*:*:*:correct horse\n");
        let path = allow(&path, 0o600);
        let address =
            format!("host=localhost,127.0.0.1 port={} user=scram dbname=postgres passfile={path}", server.port);
        let said = super::said(Some(&address), &[]);
        for number in [3, 1] {
            let line = format!("password = ********  (password file {path}, line {number})\n");
            assert!(said.contains(&line), "no {line:?} in\n{said}");
        }
        assert!(!said.contains("line 2)"), "{said}");
    });
}
