//! What is wrong with an address, and with getting there.

use std::fs;
use std::path::Path;

use super::Shown;
use crate::cli::failure::Failure;
use crate::pg::connect::ConnectError;
use crate::pg::connect::samples::samples;
use crate::pg::options::{OptionsError, Settings};

/// Where the service files are said to be.
const FOLDER: &str = "/home/app";

/// Addresses that are refused.
const ADDRESSES: [&str; 24] = [
    "",
    "db.example.com",
    "host=db colour=red",
    "hots=db",
    "postgres://db/shop?sslmod=require",
    "postgres://db/shop?require_auth=none",
    "host=db dbname=postgres://db/shop",
    "host=db shop",
    "host db",
    "password='x",
    "postgres://app:p@ss@db/shop",
    "postgres://db/shop dbname=x",
    "postgres://db:many/shop",
    "postgres://[::1/shop",
    "postgres://db/shop?sslmode",
    "postgres://app:%zz@db/shop",
    "postgres://app:%ff@db/shop",
    "host=db sslmode=sometimes",
    "host=db port=many",
    "host=db sslmode=verify",
    "host=a,b port=1,2,3",
    "host=db sslmode=prefer sslrootcert=system",
    "host=db sslnegotiation=direct",
    "host=db ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2",
];

pub(super) fn show(shown: &mut Shown) {
    shown.heading("The address");
    let refused = |address: &str| Settings::from_sources(Some(address), &|_| None).expect_err(address);
    let nothing = Settings::from_sources(None, &|_| None).expect_err("there is nothing");
    shown.add([nothing].into_iter().chain(ADDRESSES.map(refused)), Failure::from);
    let folder = std::env::temp_dir().join(format!("pevensie-pg-messages-{}", std::process::id()));
    fs::create_dir_all(folder.join("folder")).expect("there is room");
    shown.add(services(&folder), Failure::from);
    fs::remove_dir_all(&folder).expect("it is ours");
    shown.text = shown.text.replace(&folder.display().to_string(), FOLDER);
    shown.heading("The connection");
    for error in samples() {
        shown.variants.extend(causes(&error));
        shown.add([error], Failure::from);
    }
}

/// What a service file may be that is of no use to the service `shop`.
fn services(folder: &Path) -> Vec<OptionsError> {
    let refused = |file: &str, text: &str| {
        let path = folder.join(file);
        if !text.is_empty() {
            fs::write(&path, text).expect("there is room");
        }
        let env = |name: &str| (name == "PGSERVICEFILE").then(|| path.display().to_string());
        Settings::from_sources(Some("service=shop"), &env).expect_err(text)
    };
    let texts = ["[web]", "[shop]\nhost db", "[shop]\nservice=web", "[shop]\nldap://directory/shop"];
    let files = texts.map(|text| refused("pg_service.conf", text)).into_iter();
    let nowhere = Settings::from_sources(Some("service=shop"), &|_| None).expect_err("there is no file");
    files.chain([refused("none", ""), refused("folder", ""), nowhere]).collect()
}

/// The variants of the causes of an error, which are nobody else's business.
fn causes(error: &ConnectError) -> Vec<String> {
    let debugged = format!("{error:?}");
    let causes = debugged.split("cause: ").skip(1).map(|rest| rest.split(|c: char| !c.is_alphanumeric()));
    let variants = causes.flat_map(|mut words| match (words.next(), words.next(), words.next()) {
        (Some("Files"), Some(of), Some(variant)) => vec!["Cause::Files".to_owned(), format!("{of}Error::{variant}")],
        (Some(variant), ..) => vec![format!("Cause::{variant}")],
        (None, ..) => Vec::new(),
    });
    variants.collect()
}
