//! What is in force, as `-v` lists it: passwords out of files, what nobody gave, and what is changed for one server.

use std::os::unix::fs::PermissionsExt;
use std::{env, fs};

use super::*;

/// Settings with a password file that holds this text and that others may read or not.
fn with_passfile(name: &str, text: &str, mode: u32, address: &str) -> Settings {
    let file = env::temp_dir().join(format!("pevensie-pg-{name}-{}", std::process::id()));
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    let settings = settings(Some(address), &[("PGPASSFILE", file.to_str().unwrap())]).unwrap();
    fs::remove_file(&file).unwrap();
    settings
}

fn values(settings: &Settings, keyword: &str) -> Vec<String> {
    let values = settings.described().into_iter().filter(|(name, ..)| *name == keyword);
    values.map(|(_, value, _)| value).collect()
}

#[test]
fn each_server_has_its_line_of_a_password_file() {
    let two = "host=a,b user=app dbname=shop";
    let settings = with_passfile("each", "a:*:shop:app:x\nb:*:*:*:y\n", 0o600, two);
    assert_eq!(settings.warning(), None);
    assert_eq!(password(&settings).as_deref(), Some("x"));
    assert_eq!(values(&settings, "password"), ["********"; 2]);
    let settings = with_passfile("one", "*:*:*:*:x\n", 0o600, two);
    assert_eq!(values(&settings, "password"), ["********"], "a line for both is said once");
    let settings = with_passfile("empty", "a:*:*:*:\n*:*:*:*:x\n", 0o600, "host=a user=app");
    assert_eq!(password(&settings), None, "the search ends at the first line that fits");
    let settings = with_passfile("given", "*:*:*:*:x\n", 0o600, "host=a user=app password=mine");
    assert_eq!(password(&settings).as_deref(), Some("mine"));
}

#[test]
fn a_password_file_that_others_may_read_is_not_used() {
    let settings = with_passfile("open", "*:*:*:*:x\n", 0o644, "host=a user=app");
    assert_eq!((password(&settings), values(&settings, "password")), (None, Vec::new()));
    assert!(settings.warning().is_some_and(|warning| warning.contains("pevensie-pg-open")), "{:?}", settings.warning());
    let settings = with_passfile("unread", "*:*:*:*:x\n", 0o644, "host=a user=app password=mine");
    assert_eq!(settings.warning(), None, "nobody needs it");
}

#[test]
fn what_nobody_gave_is_listed_where_it_matters() {
    let settings = addr("user=app");
    assert_eq!(
        (values(&settings, "port"), values(&settings, "dbname")),
        (vec!["5432".to_owned()], vec!["app".to_owned()])
    );
    assert!(values(&settings, "host")[0].starts_with('/'), "{:?}", settings.described());
    let settings = addr("hostaddr=10.0.0.1");
    assert_eq!((values(&settings, "host"), values(&settings, "hostaddr").len()), (Vec::new(), 1));
    assert_eq!(values(&settings, "dbname"), ["(the operating system's user)"]);
}

#[test]
fn the_session_bears_the_name_that_was_given() {
    for (address, name) in [
        ("host=a", None),
        ("host=a fallback_application_name=b", Some("b")),
        ("host=a fallback_application_name=b application_name=c", Some("c")),
    ] {
        assert_eq!(addr(address).application_name(), name, "{address}");
    }
}

#[test]
fn a_server_has_the_name_that_its_certificate_is_checked_for() {
    for (address, name) in [
        ("host=db", Some("db")),
        ("host=db hostaddr=10.0.0.1", Some("db")),
        ("hostaddr=10.0.0.1", None),
        ("host=/run/postgresql", None),
    ] {
        assert_eq!(addr(address).hosts()[0].name(), name, "{address}");
    }
}

#[test]
fn a_service_is_looked_up_in_its_file() {
    let file = env::temp_dir().join(format!("pevensie-pg-service-{}", std::process::id()));
    fs::write(&file, "[other]\nhost=a\n[shop]\nhost=b\n").unwrap();
    let found = settings(Some("service=shop"), &[("PGSERVICEFILE", file.to_str().unwrap())]);
    let missing = settings(Some("service=mine"), &[("PGSERVICEFILE", file.to_str().unwrap())]);
    fs::remove_file(&file).unwrap();
    assert_eq!(values(&found.unwrap(), "host"), ["b"]);
    let missing = missing.unwrap_err().to_string();
    assert!(missing.contains("\"mine\"") && missing.contains(file.to_str().unwrap()), "{missing}");
    let none = settings(Some("service=mine"), &[("PGSYSCONFDIR", "/nowhere")]).unwrap_err().to_string();
    assert!(none.ends_with("any service file, for there is none"), "{none}");
}

#[test]
fn a_role_is_given_or_that_of_the_process() {
    assert!(addr("host=a user=app").has_role());
    assert_eq!(addr("host=a").has_role(), whoami::username().is_ok());
}

#[test]
fn one_server_is_taken_whatever_it_is() {
    let settings = addr("host=a,b user=app target_session_attrs=standby");
    let second = settings.hosts()[1].clone();
    let plain = settings.clone().at(second.clone(), "");
    assert_eq!(
        (plain.hosts(), plain.session_attrs(), plain.options()),
        (&[second.clone()][..], SessionAttrs::Any, None)
    );
    let one = settings.at(second.clone(), "-c a=1").at(second, "-c b=2");
    assert_eq!(one.options(), Some("-c a=1 -c b=2"));
}
