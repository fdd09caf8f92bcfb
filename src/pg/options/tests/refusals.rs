//! What is not taken.

use super::settings;

#[test]
fn what_is_not_supported_is_refused_by_name() {
    for (text, variables, expected) in [
        ("host=h requirepeer=postgres", &[][..], Some("requirepeer is not supported yet (set in --addr)")),
        ("host=h", &[("PGREQUIRESSL", "1")], Some("requiressl is not supported yet (set in PGREQUIRESSL)")),
        ("host=h", &[("PGGSSENCMODE", "require")], Some("gssencmode is not supported yet (set in PGGSSENCMODE)")),
        ("host=h gssencmode=disable", &[("PGGSSENCMODE", "require")], None),
        ("host=h gssencmode=", &[("PGGSSENCMODE", "require")], None),
        ("host=h krbsrvname=pg gssdelegation=1 sslcompression=1", &[("PGGSSLIB", "gssapi")], None),
        ("host=h min_protocol_version=3.2", &[], Some("min_protocol_version is not supported yet (set in --addr)")),
        ("host=h max_protocol_version=latest client_encoding=UTF8 replication=false", &[], None),
        ("host=h replication=database", &[], Some("replication is not supported yet (set in --addr)")),
        ("host=h client_encoding=LATIN1", &[], Some("client_encoding is not supported yet (set in --addr)")),
        ("host=h", &[("PGTZ", "UTC"), ("PGDATESTYLE", "ISO"), ("PGCLIENTENCODING", "LATIN1")], None),
    ] {
        let error = settings(Some(text), variables).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), expected, "{text} {variables:?}");
    }
}

#[test]
fn an_address_within_an_address_is_refused_unseen() {
    for (text, variables, expected) in [
        ("dbname=postgres://u:s3cret@h/d", &[][..], "dbname in --addr"),
        ("postgres://h/postgresql%3A%2F%2Fu%3As3cret%40h", &[], "dbname in --addr"),
        ("dbname='host=h password=s3cret'", &[], "dbname in --addr"),
        ("host= password=s3cret and s3cret =x", &[], "host in --addr"),
        ("user=u", &[("PGDATABASE", "postgres://u:s3cret@h/d")], "dbname in PGDATABASE"),
        ("user=u", &[("PGHOST", "postgres://u:s3cret@h/d")], "host in PGHOST"),
        ("user=u", &[("PGSERVICE", " postgres://u:s3cret@h/d")], "service in PGSERVICE"),
    ] {
        let error = settings(Some(text), variables).unwrap_err();
        let expected = format!("the value of {expected} is an address itself, or another key=value pair");
        assert_eq!(error.to_string(), expected, "{text} {variables:?}");
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
    settings(Some("host=h password=postgres://u:p@h/d"), &[]).unwrap();
}

#[test]
fn wrong_values_are_named_with_their_origin() {
    for (text, variables, expected) in [
        ("host=h port=x", &[][..], "port \"x\" in --addr is not a number from 1 to 65535"),
        ("host=h", &[("PGPORT", "70000")], "port \"70000\" in PGPORT is not a number from 1 to 65535"),
        ("host=a,b port=1,2,3", &[], "3 port values do not fit 2 hosts"),
        ("host=a,b hostaddr=::1", &[], "2 host values do not fit 1 hosts"),
        (
            "postgres://[::1]5432/shop",
            &[],
            "the URL in --addr has an IPv6 address without its closing \"]\" or with something behind it",
        ),
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
