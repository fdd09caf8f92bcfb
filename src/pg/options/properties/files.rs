//! What holds for every service file and every password file.

use std::sync::Arc;

use super::super::passfile::Passfile;
use super::super::service;
use super::*;

/// Checks a service file: what is found is on the line that is named, and nothing that is said depends on a password.
pub(crate) fn check_service_file(text: &str, secret: Option<(&str, &str)>) {
    let read = |text: &str| service::section(text, "shop", &Arc::from(Path::new("/f")));
    let said = |text: &str| match read(text) {
        Ok(found) => format!("{found:?}"),
        Err(error) => format!("{error:?} {error} {:?}", error.hint()),
    };
    if let Some((password, after)) = secret {
        let file = |password: &str| format!("{text}{password}{after}");
        // A line of its own, or another section, says something else.
        if !password.contains(['\n', '\r', '[']) && !text.ends_with(['\n', '[']) && !text.is_empty() {
            let is_value = text.lines().last().is_some_and(|line| line.contains('='));
            let texts = ["hunter2a", "qwertz3b"].map(|password| said(&file(password)));
            assert!(!is_value || texts[0] == texts[1], "{texts:?}");
            assert!(!is_value || !said(&file("hunter2a")).contains("hunter2a"), "{texts:?}");
        }
    }
    match read(text) {
        Ok(found) => {
            for (pair, origin) in found.into_iter().flatten() {
                let Origin::Service(line) = &origin else { panic!("{origin} is no line") };
                let is_blank = |c: char| c.is_ascii_whitespace();
                let said = text.lines().nth(line.number - 1).expect("the line is there").trim_matches(is_blank);
                let (word, value) = said.split_once('=').expect("it has a value");
                assert_eq!((pair.known.name(), pair.value.expose()), (word, value), "{said}");
            }
        }
        Err(error) => assert!(error.to_string().starts_with("service file /f, line "), "{error}"),
    }
}

/// What somebody wants to have in a password file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    fields: [String; 5],
}

impl Entry {
    /// Reads a line for each of host, port, database, role and password.
    pub(crate) fn read(text: &str) -> Self {
        let mut lines = text.split('\n');
        let mut fields = [(); 5].map(|()| lines.next().unwrap_or_default().replace('\r', ""));
        fields[1] = fields[1].parse::<u16>().unwrap_or(5432).to_string();
        Self { fields }
    }

    /// The line that says it.
    fn line(&self) -> String {
        let escaped =
            |text: &String| text.chars().map(|c| if is_special(c) { format!("\\{c}") } else { c.into() }).collect();
        self.fields.each_ref().map(|field| -> String { escaped(field) }).join(":")
    }
}

fn is_special(c: char) -> bool {
    matches!(c, ':' | '\\' | '#' | '*')
}

/// Checks a password file: an entry is found behind lines that are about something else, and what is found is on the line
/// that is named.
pub(crate) fn check_password_file(text: &str, entry: &Entry) {
    let [host, port, database, role, password] = &entry.fields;
    let host = Host { endpoint: Endpoint::Name(host.clone()), port: port.parse().expect("it was a number") };
    let find = |text: &str| Passfile::of(Path::new("/p"), text.as_bytes()).find(&host, database, role);
    let found = find(text);
    if let Some((secret, origin)) = &found {
        let Origin::Passfile(line) = origin else { panic!("{origin} is no line") };
        let said = text.split('\n').nth(line.number - 1).expect("the line is there");
        assert!(!said.starts_with('#'), "{said:?} is a comment");
        let mut rest = said.chars();
        assert!(secret.expose().chars().all(|c| rest.any(|other| other == c)), "{said:?} does not have it");
    }
    let behind = format!("{text}\n{}", entry.line());
    let expected = found.map_or_else(|| password.clone(), |(secret, _)| secret.expose().to_owned());
    assert_eq!(find(&behind).map(|(secret, _)| secret.expose().to_owned()), Some(expected), "{behind}");
}
