//! Passwords are shown nowhere.

use super::{addr, settings};
use crate::pg::options::*;

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
        "host=h sslpassword=s3cret",
    ] {
        let output = match settings(Some(text), &[]) {
            Ok(settings) => format!("{settings:?} {:?} {}", settings.described(), settings.address()),
            Err(error) => format!("{error} {error:?} {:?}", error.hint()),
        };
        assert!(!output.contains(marker), "{text}: {output}");
    }
    let asked = addr("host=h").with_password(Secret::new(marker));
    assert_eq!(super::password(&asked).as_deref(), Some(marker));
    assert!(!format!("{asked:?} {:?}", asked.described()).contains(marker));
}

proptest::proptest! {
    #[test]
    fn any_password_survives_a_url(password in "[^\\x00]{1,20}") {
        let encoded = percent_encoding::utf8_percent_encode(&password, percent_encoding::NON_ALPHANUMERIC);
        let settings = addr(&format!("postgres://u:{encoded}@h/d"));
        proptest::prop_assert_eq!(super::password(&settings), Some(password));
    }

    #[test]
    fn any_password_survives_quotes(password in "[^\\x00]{1,20}") {
        let quoted = password.replace('\\', r"\\").replace('\'', r"\'");
        let settings = addr(&format!("host=h password='{quoted}' dbname=d"));
        proptest::prop_assert_eq!(super::password(&settings), Some(password));
    }

    #[test]
    fn no_address_makes_it_panic(text in "(postgres://)?[a-z@:/?&=%',\\[\\]\\\\ 0-9é]{0,40}") {
        let _ = settings(Some(&text), &[]);
    }
}

#[test]
fn an_address_can_be_given_to_others_without_its_password() {
    for (text, url) in [
        ("postgres://me:s3cret@db:6543/shop", "postgres://me@db:6543/shop"),
        ("postgres://me@[::1]/shop?sslmode=require", "postgres://me@[::1]:5432/shop?sslmode=require"),
        ("host=/run/pg port=6543 user='a b' dbname='c/d'", "postgres://a%20b@/c%2Fd?host=%2Frun%2Fpg&port=6543"),
        ("host=db hostaddr=10.0.0.1 user=me", "postgres://me@db:5432/me"),
        ("host=db dbname=shop sslrootcert='/my ca'", "postgres://db:5432/shop?sslrootcert=%2Fmy%20ca"),
    ] {
        let settings = addr(text);
        assert_eq!(settings.url(), url);
        let again = addr(&settings.url());
        assert_eq!(
            (again.database(), again.user(), again.hosts()[0].port),
            (settings.database(), settings.user(), settings.hosts()[0].port)
        );
    }
    assert_eq!(addr("postgres://me:s3cret@db/shop").named("other").url(), "postgres://me@db:5432/other");
}
