use super::*;

fn settings(addr: Option<&str>, variables: &[(&str, &str)]) -> Result<Settings, OptionsError> {
    Settings::from_sources(addr, &|name| {
        variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
    })
}

fn addr(text: &str) -> Settings {
    settings(Some(text), &[]).unwrap()
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
        assert_eq!(settings(Some(text), variables).unwrap().ssl(), &Ssl { mode, roots }, "{text}");
    }
    let weak = settings(Some("host=h sslrootcert=system"), &[("PGSSLMODE", "verify-ca")]).unwrap_err();
    assert_eq!(weak, OptionsError::WeakSslmode("verify-ca"));
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    for (text, variables, expected) in [
        ("service=x", &[][..], Some("service is not supported yet (set in --addr)")),
        ("host=h sslcert=c sslkey=k", &[], Some("sslcert is not supported yet (set in --addr)")),
        ("host=h", &[("PGSERVICE", "x")], Some("service is not supported yet (set in PGSERVICE)")),
        ("host=h", &[("PGREQUIRESSL", "1")], Some("requiressl is not supported yet (set in PGREQUIRESSL)")),
        ("host=h", &[("PGGSSENCMODE", "require")], Some("gssencmode is not supported yet (set in PGGSSENCMODE)")),
        ("host=h gssencmode=disable", &[("PGGSSENCMODE", "require")], None),
        ("host=h sslnegotiation=direct", &[], Some("sslnegotiation is not supported yet (set in --addr)")),
        ("host=h sslnegotiation=postgres load_balance_hosts=disable client_encoding=UTF8", &[], None),
        ("host=h", &[("PGPASSFILE", "/p")], Some("passfile is not supported yet (set in PGPASSFILE)")),
        ("host=h password=x", &[("PGPASSFILE", "/p")], None),
        ("host=h", &[("PGTZ", "UTC"), ("PGDATESTYLE", "ISO"), ("PGCLIENTENCODING", "LATIN1")], None),
    ] {
        let error = settings(Some(text), variables).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), expected, "{text} {variables:?}");
    }
    let only_service = settings(None, &[("PGSERVICE", "x")]).unwrap_err();
    assert_eq!(only_service, OptionsError::Unsupported { name: "service", origin: Origin::Variable("PGSERVICE") });
}

#[test]
fn wrong_values_are_named_with_their_origin() {
    for (text, variables, expected) in [
        ("host=h port=x", &[][..], "port \"x\" in --addr is not a number from 1 to 65535"),
        ("host=h", &[("PGPORT", "70000")], "port \"70000\" in PGPORT is not a number from 1 to 65535"),
        ("host=a,b port=1,2,3", &[], "3 port values do not fit 2 hosts"),
        ("host=a,b hostaddr=::1", &[], "2 host values do not fit 1 hosts"),
        ("hostaddr=db", &[], "hostaddr \"db\" in --addr is not an IP address"),
        ("host=h connect_timeout=5s", &[], "connect_timeout \"5s\" in --addr is not a whole number"),
        (
            "host=h sslmode=verify_full",
            &[],
            "sslmode \"verify_full\" in --addr is not one of disable, allow, prefer, require, verify-ca, verify-full",
        ),
    ] {
        let error = settings(Some(text), variables).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text}");
    }
    let slip = settings(Some("host=h sslmode=verify_full"), &[]).unwrap_err();
    assert_eq!(slip.hint().as_deref(), Some("did you mean \"verify-full\"?"));
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

#[test]
fn no_output_holds_the_password() {
    let marker = "s3cret";
    for text in [
        "postgres://u:s3cret@h/d",
        "postgres://u:p@s3cret@h/db",
        "postgres://u:s3cret/x@h/db",
        "postgres://u:1/s3cret@h/db",
        "postgres://u:se s3cret%zz@h/",
        "postgres://u:s3cret",
        "postgres:/u:s3cret@h/db",
        "postgres//u:s3cret@h/db?sslmode=disable",
        "mysql://u:s3cret@h/db?a=b",
        "s3cret",
        "host=h password=s3cret hots=x",
        "host=h password=a s3cret=x",
        "host=h password=a s3cret",
        "host=h password = 's3cret",
        "host=h password=s3cret port=x",
        "host=h password=s3cret sslmode=x",
        "postgres://h/d?password=s3cret%zz",
        "postgres://h/d?password=s3cret&x=y",
        "postgres://h/d?password=s3cret=y",
        "postgres://h/d?password=a&s3cret=y",
    ] {
        let output = match settings(Some(text), &[]) {
            Ok(settings) => format!("{settings:?} {:?} {}", settings.described(), settings.address()),
            Err(error) => format!("{error} {error:?} {:?}", error.hint()),
        };
        assert!(!output.contains(marker), "{text}: {output}");
    }
    let asked = addr("host=h").with_password(Secret::new(marker));
    assert_eq!(asked.password(), Some(marker));
    assert!(!format!("{asked:?} {:?}", asked.described()).contains(marker));
}

proptest::proptest! {
    #[test]
    fn any_password_survives_a_url(password in "[^\\x00]{1,20}") {
        let encoded = percent_encoding::utf8_percent_encode(&password, percent_encoding::NON_ALPHANUMERIC);
        let settings = addr(&format!("postgres://u:{encoded}@h/d"));
        proptest::prop_assert_eq!(settings.password(), Some(password.as_str()));
    }

    #[test]
    fn any_password_survives_quotes(password in "[^\\x00]{1,20}") {
        let quoted = password.replace('\\', r"\\").replace('\'', r"\'");
        let settings = addr(&format!("host=h password='{quoted}' dbname=d"));
        proptest::prop_assert_eq!(settings.password(), Some(password.as_str()));
    }

    #[test]
    fn no_address_makes_it_panic(text in "(postgres://)?[a-z@:/?&=%',\\[\\]\\\\ 0-9é]{0,40}") {
        let _ = settings(Some(&text), &[]);
    }
}
