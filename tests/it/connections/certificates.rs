//! What TLS shows of us, what it begins with and whom it does not believe any more, beside psql.

use super::beside_psql::{allow, assert_like_psql, assert_ours, copy};
use super::{PLAIN, TLS, UNTRUSTED, assert_said, certificate};
use crate::support::{Folder, each_server};

#[test]
fn our_certificate_is_shown_to_a_server_that_asks() {
    let (crt, key) = (certificate("cert_only.crt"), certificate("cert_only.key"));
    let (folder, home, exposed_home) = (Folder::new(), Folder::new(), Folder::new());
    for (home, mode) in [(&home, 0o600), (&exposed_home, 0o644)] {
        copy(&crt, home, ".postgresql/postgresql.crt", 0o644);
        copy(&key, home, ".postgresql/postgresql.key", mode);
    }
    let (home, exposed_home) = (home.path().to_str().unwrap(), exposed_home.path().to_str().unwrap());
    let exposed = copy(&key, &folder, "exposed.key", 0o640 | 0o004);
    let no_key = copy(&crt, &folder, "no.key", 0o600);
    let half = allow(&folder.write("half.key", "-----BEGIN PRIVATE KEY-----\nMIGH\n"), 0o600);
    let no_file = folder.path().display();
    let (in_tls, both) = ("cert_only|postgres|t", format!("sslcert={crt} sslkey={key}"));
    let stranger = format!("sslcert={} sslkey={}", certificate("stranger.crt"), certificate("stranger.key"));
    let cases = [
        ("cert_only", "", "/nowhere", "(28000)"),
        ("cert_only", &both[..], "/nowhere", in_tls),
        ("cert_only", &format!("{both} sslpassword=unused"), "/nowhere", in_tls),
        ("cert_only", "", home, in_tls),
        ("cert_only", "sslmode=require", home, in_tls),
        ("cert_only", "sslmode=disable", home, "(28000)"),
        ("cert_only", "sslcert=/nowhere.crt", home, "(28000)"),
        ("postgres", "sslcert=/nowhere.crt", home, "postgres|postgres|t"),
        ("cert_only", &format!("sslcert={crt} sslmode=require"), "/nowhere", "sslkey=FILE"),
        ("cert_only", &format!("sslcert={crt} sslkey=/nowhere.key sslmode=require"), home, "is not"),
        ("cert_only", &format!("sslcert={crt} sslkey={no_key} sslmode=require"), home, "holds no private key"),
        ("cert_only", &format!("sslcert={crt} sslkey={half} sslmode=require"), home, "half.key cannot be read: "),
        ("cert_only", &format!("sslcert={crt} sslkey={no_file} sslmode=require"), home, "it is not a plain file"),
        (
            "cert_only",
            &format!("sslcert={crt} sslkey={key}/key sslmode=require"),
            home,
            "cert_only.key/key cannot be read",
        ),
        ("cert_only", &format!("sslcert={key} sslkey={key} sslmode=require"), home, "certificate file"),
        (
            "cert_only",
            &format!("sslcert={crt} sslkey={} sslmode=require", certificate("stranger.key")),
            home,
            "go with",
        ),
        ("cert_only", &format!("sslcert={crt} sslkey={exposed} sslmode=require"), home, "has group or world access"),
        ("cert_only", "sslmode=require", exposed_home, "has group or world access"),
        // As with a handshake that fails, there is a second attempt without TLS.
        ("cert_only", "sslmode=prefer", exposed_home, "(28000)"),
        ("postgres", "sslmode=prefer", exposed_home, "postgres|postgres|f"),
        ("postgres", &stranger, home, "the connection ended"),
        ("postgres", &format!("{stranger} sslmode=disable"), home, "postgres|postgres|f"),
    ];
    each_server(|server| {
        for (role, more, home, expected) in cases.iter().copied() {
            let address = format!("host=localhost port={} user={role} dbname=postgres {more}", server.port);
            assert_like_psql(&address, &[("HOME", home)], expected);
        }
        // The psql of this machine may not know sslcertmode, and can decrypt keys.
        let encrypted = format!("sslcert={crt} sslkey={} sslpassword='correct horse'", certificate("encrypted.key"));
        for (role, more, home, expected) in [
            ("cert_only", &encrypted[..], "/nowhere", "sslpassword is not supported"),
            ("cert_only", "sslcertmode=disable", home, "(28000)"),
            ("cert_only", "sslcertmode=require", home, in_tls),
            ("postgres", "sslcertmode=disable", exposed_home, "postgres|postgres|t"),
            ("postgres", "sslcertmode=require", home, "postgres|postgres|t"),
            ("postgres", "sslcertmode=require", "/nowhere", "sslcertmode=require, and there is none to show"),
            ("postgres", "sslcertmode=require sslmode=disable", home, "did not ask for a certificate"),
        ] {
            let mode = if role == "cert_only" { "sslmode=require" } else { "" };
            let address = format!("host=localhost port={} user={role} dbname=postgres {mode} {more}", server.port);
            assert_ours(&address, &[("HOME", home)], expected);
        }
    });
}

#[test]
fn revoked_certificates_are_not_believed() {
    let (root, good, bad) =
        (certificate("root.crt"), certificate("none_revoked.crl"), certificate("server_revoked.crl"));
    let (home, empty) = (Folder::new(), Folder::new());
    copy(&root, &home, ".postgresql/root.crt", 0o644);
    copy(&bad, &home, ".postgresql/root.crl", 0o644);
    let (home, empty) = (home.path().to_str().unwrap(), empty.path().to_str().unwrap());
    let in_tls = "postgres|postgres|t";
    let cases = [
        ("verify-full", format!("sslcrl={good}"), in_tls),
        ("verify-ca", format!("sslcrl={good}"), in_tls),
        ("verify-full", format!("sslcrl={bad}"), "Revoked"),
        ("verify-ca", format!("sslcrl={bad}"), "Revoked"),
        ("require", format!("sslcrl={bad}"), "Revoked"),
        ("prefer", format!("sslcrl={bad}"), "postgres|postgres|f"),
        ("verify-full", "sslcrl=/nowhere.crl".to_owned(), in_tls),
        ("verify-full", format!("sslcrldir={empty}"), "has no revocation list"),
        ("verify-full", String::new(), "Revoked"),
    ];
    each_server(|server| {
        for (mode, more, expected) in &cases {
            let address =
                format!("host=localhost port={} user=postgres dbname=postgres sslmode={mode} {more}", server.port);
            assert_like_psql(&address, &[("HOME", home)], expected);
        }
        let unchecked =
            format!("host=localhost port={} user=postgres sslmode=require sslrootcert=/nowhere", server.port);
        assert_like_psql(&unchecked, &[("HOME", home)], in_tls);
    });
}

#[test]
fn tls_begins_as_asked() {
    each_server(|server| {
        let refused = if server.version < 17 { "the connection ended during the TLS handshake" } else { TLS };
        let root = certificate("root.crt");
        for (more, expected) in [
            ("ssl_min_protocol_version=TLSv1.3", TLS),
            ("ssl_max_protocol_version=TLSv1.2", TLS),
            ("sslsni=0", TLS),
            ("sslnegotiation=postgres", TLS),
            ("sslnegotiation=direct", "sslmode \"prefer\" is too weak for sslnegotiation=direct"),
            ("sslnegotiation=direct sslmode=require", refused),
            (&format!("sslnegotiation=direct sslmode=verify-full sslrootcert={root}"), refused),
            (&format!("sslmode=verify-full sslrootcert={}", certificate("other.crt")), UNTRUSTED),
            ("load_balance_hosts=random", TLS),
            ("sslmode=disable keepalives=0 tcp_user_timeout=5000", PLAIN),
        ] {
            assert_said(
                &format!("host=localhost port={} user=postgres dbname=postgres {more}", server.port),
                &[],
                expected,
            );
        }
    });
}
