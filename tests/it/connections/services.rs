//! Connection services, beside psql.

use super::beside_psql::assert_like_psql;
use crate::support::{Folder, each_server};

/// A service file with all that can be in one.
fn service_file(port: u16) -> String {
    format!(
        "# ours\n\nhost=ignored\n[shop]\n  # by its owner\n\thost=localhost\n port={port}  \r\nuser=scram\n\
         password=correct horse\ndbname=postgres\nsslmode=disable\nuser=nobody\n\n\
         [plain] # ours, too\nhost=127.0.0.1\nport={port}\nuser=plain_only\ndbname=postgres\n\
         [shop]\nuser=nobody\n[nested]\nservice=shop\n[spaces]\nhost = localhost\n[slip]\nhots=localhost\n\
         [word]\nlocalhost\n[refused]\nhost=localhost\nport={port}\nsslmode=sometimes\n"
    )
}

#[test]
fn services_fill_what_the_address_leaves_open() {
    each_server(|server| {
        let (home, system) = (Folder::new(), Folder::new());
        let file = home.write(".pg_service.conf", &service_file(server.port));
        let of_system = format!("[system]\nhost=localhost\nport={0}\nuser=tls_only\ndbname=template1\n", server.port);
        system.write("pg_service.conf", &(of_system + "[shop]\nhost=/nowhere\n"));
        let (home, system) = (home.path().to_str().unwrap(), system.path().to_str().unwrap());
        let file = file.to_str().unwrap();
        let password = "correct horse";
        for (address, more, expected) in [
            ("service=shop", &[][..], "scram|postgres|f"),
            ("service=shop sslmode=require", &[], "scram|postgres|t"),
            ("postgres:///template1?service=shop&user=postgres", &[], "postgres|template1|f"),
            ("postgres://postgres@/?service=shop", &[], "postgres|postgres|f"),
            ("service=shop password=wrong", &[], "given in --addr"),
            ("service=shop password=''", &[("PGPASSWORD", password)], "wants a password"),
            ("service=shop host=/nowhere", &[], "there is no socket"),
            // The service comes before the variables, also before the one that names another service.
            ("service=shop", &[("PGUSER", "postgres"), ("PGSSLMODE", "require")], "scram|postgres|f"),
            ("service=plain", &[("PGSSLMODE", "disable"), ("PGDATABASE", "x")], "plain_only|postgres|f"),
            ("service=plain", &[("PGSERVICE", "shop"), ("PGSSLMODE", "require")], "(28000)"),
            ("service=''", &[("PGSERVICE", "shop"), ("PGHOST", "/nowhere")], "there is no socket"),
            ("user=postgres", &[("PGSERVICE", "shop")], "postgres|postgres|f"),
            // The file that is named, or else that of the user, and then that of the system.
            ("service=system", &[("PGSYSCONFDIR", system)], "tls_only|template1|t"),
            ("service=shop", &[("PGSYSCONFDIR", system)], "scram|postgres|f"),
            ("service=shop", &[("PGSYSCONFDIR", system), ("HOME", "/nowhere")], "there is no socket"),
            ("service=shop", &[("PGSERVICEFILE", file), ("HOME", "/nowhere")], "scram|postgres|f"),
            ("service=system", &[("PGSERVICEFILE", file), ("PGSYSCONFDIR", system)], "tls_only|template1|t"),
            ("service=shop", &[("PGSERVICEFILE", "/nowhere/f")], "service file /nowhere/f cannot be read"),
            ("service=sho", &[("PGSYSCONFDIR", system)], "service \"sho\" is not defined in"),
            ("service=nested", &[], "line 22 names another service"),
            ("service=spaces", &[], "line 24 is not a keyword of libpq"),
            ("service=slip", &[], "line 26 is not a keyword of libpq"),
            ("service=word", &[], "line 28 is not a keyword of libpq"),
            ("service=refused", &[], "sslmode \"sometimes\" in service file"),
        ] {
            let variables = [&[("HOME", home), ("PGSYSCONFDIR", "/nowhere")][..], more].concat();
            assert_like_psql(address, &variables, expected);
        }
    });
}

#[test]
fn verbose_names_the_line_of_a_service() {
    each_server(|server| {
        let home = Folder::new();
        let file = home.write(".pg_service.conf", &service_file(server.port));
        let said = super::said(Some("service=shop user=postgres"), &[("HOME", home.path().to_str().unwrap())]);
        for line in [
            "service = shop  (--addr)".to_owned(),
            format!("host = localhost  (service file {}, line 6)", file.display()),
            "user = postgres  (--addr)".to_owned(),
            format!("password = ********  (service file {}, line 9)", file.display()),
        ] {
            assert!(said.contains(&format!("{line}\n")), "no {line:?} in\n{said}");
        }
    });
}
