mod hosted;
mod refusals;
mod secrecy;
mod shown;

use super::*;

fn settings(addr: Option<&str>, variables: &[(&str, &str)]) -> Result<Settings, OptionsError> {
    Settings::from_sources(addr, &|name| {
        variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
    })
}

fn addr(text: &str) -> Settings {
    settings(Some(text), &[]).unwrap()
}

fn password(settings: &Settings) -> Option<String> {
    settings.password(&settings.hosts()[0]).map(|(password, _)| password.expose().to_owned())
}

#[test]
fn sources_come_in_order_and_variables_fill_the_gaps() {
    let variables = [
        ("DATABASE_URL", "postgres://url@url-host/url-db"),
        ("PGHOST", "pg-host"),
        ("PGPASSWORD", "s3cret"),
        ("PGPORT", "6543"),
        ("PGUSER", ""),
        ("PGDATABASE", "pg-db"),
    ];
    let shown = |settings: Settings| {
        let lines =
            settings.described().into_iter().map(|(keyword, value, origin)| format!("{keyword}={value} {origin}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        shown(settings(Some("postgres://flag@flag-host"), &variables).unwrap()),
        "host=flag-host --addr\nport=6543 PGPORT\nuser=flag --addr\npassword=******** PGPASSWORD\n\
         dbname=pg-db PGDATABASE\nsslmode=prefer default"
    );
    assert_eq!(
        shown(settings(None, &variables).unwrap()),
        "host=url-host DATABASE_URL\nport=6543 PGPORT\nuser=url DATABASE_URL\npassword=******** PGPASSWORD\n\
         dbname=url-db DATABASE_URL\nsslmode=prefer default"
    );
    assert_eq!(
        shown(settings(None, &variables[1..]).unwrap()),
        "host=pg-host PGHOST\nport=6543 PGPORT\nuser=(the operating system's user) default\n\
         password=******** PGPASSWORD\ndbname=pg-db PGDATABASE\nsslmode=prefer default"
    );
}

#[test]
fn without_any_source_all_three_are_named() {
    for variables in [&[][..], &[("DATABASE_URL", ""), ("PGPASSWORD", "x"), ("PGSSLMODE", "require")][..]] {
        let error = settings(None, variables).unwrap_err();
        assert_eq!(error, OptionsError::NothingGiven);
        let hint = error.hint().unwrap();
        for way in ["--addr", "DATABASE_URL", "PGHOST", "pevensie-pg print"] {
            assert!(hint.contains(way), "{hint}");
        }
    }
    assert_eq!(settings(Some(" "), &[("PGHOST", "h")]).unwrap_err(), OptionsError::Empty(Origin::Address));
}

#[test]
fn addresses_are_shown_without_user_and_password() {
    for (text, expected) in [
        ("postgres://u:p@db.example.com/shop", "database \"shop\" on db.example.com:5432"),
        ("postgres://u:p@[::1]:5433/shop", "database \"shop\" on [::1]:5433"),
        ("postgres://u:p@db", "database \"u\" on db:5432"),
        ("host=/var/run/postgresql dbname=shop", "database \"shop\" on socket /var/run/postgresql"),
        ("host=/tmp port=5433 dbname=shop", "database \"shop\" on socket /tmp (port 5433)"),
        ("host=@run dbname=shop", "database \"shop\" on socket @run"),
        ("hostaddr=::1 dbname=shop", "database \"shop\" on [::1]:5432"),
        ("host=db hostaddr=10.0.0.1 dbname=shop", "database \"shop\" on db:5432"),
        ("host=db", "the user's own database on db:5432"),
    ] {
        assert_eq!(addr(text).address().to_string(), expected, "{text}");
    }
}

#[test]
fn lists_of_hosts_pair_up_as_in_libpq() {
    for (text, expected) in [
        ("dbname=d", "socket /var/run/postgresql, socket /tmp"),
        ("port=5433", "socket /var/run/postgresql (port 5433), socket /tmp (port 5433)"),
        ("host=a,b", "a:5432, b:5432"),
        ("host=a,b port=1", "a:1, b:1"),
        ("host=a,b port=1,", "a:1, b:5432"),
        ("host=a,/run port=,2", "a:5432, socket /run (port 2)"),
        ("host=a,,b", "a:5432, socket /var/run/postgresql, socket /tmp, b:5432"),
        ("hostaddr=10.0.0.1,10.0.0.2", "10.0.0.1:5432, 10.0.0.2:5432"),
        ("host=a,b hostaddr=10.0.0.1,", "a:5432, b:5432"),
        ("postgres://a:1,b:2/d?port=3", "a:3, b:3"),
    ] {
        let hosts: Vec<_> = addr(text).hosts().iter().map(Host::to_string).collect();
        assert_eq!(hosts.join(", "), expected, "{text}");
    }
}

#[test]
fn tls_follows_sslmode_and_sslrootcert() {
    use SslMode::{Prefer, Require, VerifyFull};
    let home = [("HOME", "/home/app")];
    let file = |path: &str| Roots::File(Some(PathBuf::from(path)));
    for (text, variables, mode, roots) in [
        ("host=h", &home[..], Prefer, file("/home/app/.postgresql/root.crt")),
        ("host=h", &[], Prefer, Roots::File(None)),
        ("host=h sslmode=require", &home, Require, file("/home/app/.postgresql/root.crt")),
        ("host=h sslrootcert=/ca.crt", &home, Prefer, file("/ca.crt")),
        ("host=h sslrootcert=system", &home, VerifyFull, Roots::System),
        ("host=h", &[("PGSSLROOTCERT", "system")], VerifyFull, Roots::System),
        ("postgres://h?ssl=true", &[("PGSSLMODE", "disable"), ("PGSSLROOTCERT", "/ca")], Require, file("/ca")),
    ] {
        let settings = settings(Some(text), variables).unwrap();
        assert_eq!((settings.ssl().mode, &settings.ssl().roots), (mode, &roots), "{text}");
    }
    let weak = settings(Some("host=h sslrootcert=system"), &[("PGSSLMODE", "verify-ca")]).unwrap_err();
    assert_eq!(weak.to_string(), "sslmode \"verify-ca\" is too weak for sslrootcert=system");
    let weak = settings(Some("host=h sslnegotiation=direct"), &[]).unwrap_err();
    assert_eq!(weak.to_string(), "sslmode \"prefer\" is too weak for sslnegotiation=direct");
    assert_eq!(addr("host=h sslnegotiation=direct sslmode=require").ssl().negotiation, Negotiation::Direct);
}

#[test]
fn our_certificate_and_the_lists_of_revoked_ones_are_looked_for_as_in_libpq() {
    let home = [("HOME", "/home/app")];
    let path = |path: &str| Some(PathBuf::from(path));
    for (text, variables, certificate, key, file, folder) in [
        (
            "host=h",
            &home[..],
            path("/home/app/.postgresql/postgresql.crt"),
            path("/home/app/.postgresql/postgresql.key"),
            path("/home/app/.postgresql/root.crl"),
            None,
        ),
        ("host=h", &[], None, None, None, None),
        (
            "host=h sslcert=c sslcrldir=d",
            &home,
            path("c"),
            path("/home/app/.postgresql/postgresql.key"),
            None,
            path("d"),
        ),
        ("host=h sslcrl=l", &[("PGSSLCERT", "c"), ("PGSSLKEY", "k")], path("c"), path("k"), path("l"), None),
    ] {
        let settings = settings(Some(text), variables).unwrap();
        let mode = CertMode::Allow;
        assert_eq!(settings.ssl().identity, Identity { mode, certificate, key }, "{text}");
        assert_eq!(settings.ssl().revoked, Revoked { file, folder }, "{text}");
    }
}

#[test]
fn versions_of_tls_are_those_that_rustls_has() {
    for (text, expected) in [
        ("", Ok(Versions::Both)),
        ("ssl_min_protocol_version=TLSv1", Ok(Versions::Both)),
        ("ssl_min_protocol_version=TLSv1.3", Ok(Versions::Only13)),
        ("ssl_max_protocol_version=TLSv1.2", Ok(Versions::Only12)),
        ("ssl_max_protocol_version=TLSv1.1", Err("ssl_min_protocol_version is above ssl_max_protocol_version")),
        (
            "ssl_min_protocol_version=TLSv1 ssl_max_protocol_version=TLSv1.1",
            Err("ssl_max_protocol_version is not supported yet (set in --addr)"),
        ),
        (
            "ssl_min_protocol_version=SSLv3",
            Err("ssl_min_protocol_version \"SSLv3\" in --addr is not one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"),
        ),
    ] {
        let found = settings(Some(&format!("host=h {text}")), &[]);
        let found = found.map(|settings| settings.ssl().versions).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
    }
}

#[test]
fn numbers_mean_what_libpq_makes_of_them() {
    let none = addr("host=h");
    assert_eq!(none.connect_timeout(), None);
    assert_eq!(addr("host=h connect_timeout=7").connect_timeout(), Some(Duration::from_secs(7)));
    assert_eq!(addr("host=h connect_timeout=0").connect_timeout(), Some(Duration::MAX));
    let tuned = addr("host=h keepalives_idle=2 keepalives_interval=1 keepalives_count=3 tcp_user_timeout=1500");
    assert_eq!(
        tuned.network(),
        &Network {
            keepalives: Keepalives::On,
            idle: Some(Duration::from_secs(2)),
            interval: Some(Duration::from_secs(1)),
            count: Some(3),
            user_timeout: Some(Duration::from_millis(1500)),
        }
    );
    assert_eq!(addr("host=h keepalives=0").network().keepalives, Keepalives::Off);
}
