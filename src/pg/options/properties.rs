//! What holds for every address.

mod files;

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::*;
pub(crate) use files::{Entry, check_password_file, check_service_file};

/// What an address says, before it is written in one of its forms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    user: String,
    password: String,
    dbname: String,
    hosts: Vec<(String, Option<u16>)>,
    others: Vec<(Keyword, String)>,
}

impl Said {
    /// Reads a line for each part: `user=…`, `host=NAME PORT`, any other keyword; what is none is passed over.
    pub(crate) fn read(text: &str) -> Self {
        let mut said = Self::default();
        for (word, value) in text.lines().filter_map(|line| line.split_once('=')) {
            let value = value.replace('\0', "");
            match Keyword::ALL.into_iter().find(|keyword| keyword.name() == word) {
                Some(Keyword::User) => said.user = value,
                Some(Keyword::Password) => said.password = value,
                Some(Keyword::Dbname) => said.dbname = value,
                Some(Keyword::Host) => said.hosts.push(match value.rsplit_once(' ') {
                    Some((name, port)) => (name.to_owned(), port.parse().ok().filter(|port| *port != 0)),
                    None => (value, None),
                }),
                Some(Keyword::Port) | None => {}
                Some(keyword) => said.others.push((keyword, value)),
            }
        }
        said
    }

    fn url(&self) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let mut url = "postgres://".to_owned();
        if !self.user.is_empty() || !self.password.is_empty() {
            let _ = write!(url, "{}:{}@", encoded(&self.user), encoded(&self.password));
        }
        let hosts = self.hosts.iter().map(|(name, port)| match port {
            Some(port) => format!("{}:{port}", encoded(name)),
            None => encoded(name),
        });
        let _ = write!(url, "{}/{}", hosts.collect::<Vec<_>>().join(","), encoded(&self.dbname));
        for (nth, (keyword, value)) in self.others.iter().enumerate() {
            let _ = write!(url, "{}{}={}", if nth == 0 { '?' } else { '&' }, keyword.name(), encoded(value));
        }
        url
    }

    fn list(&self) -> String {
        let names: Vec<&str> = self.hosts.iter().map(|(name, _)| name.as_str()).collect();
        let ports: Vec<String> =
            self.hosts.iter().map(|(_, port)| port.map(|port| port.to_string()).unwrap_or_default()).collect();
        let (names, ports) = (names.join(","), ports.join(","));
        let first = [("user", &self.user), ("password", &self.password), ("host", &names), ("port", &ports)];
        let first = first.into_iter().chain([("dbname", &self.dbname)]);
        let others = self.others.iter().map(|(keyword, value)| (keyword.name(), value));
        let pair =
            |(word, value): (&str, &String)| format!("{word} = '{}'", value.replace('\\', r"\\").replace('\'', r"\'"));
        first.chain(others).map(pair).collect::<Vec<_>>().join(" ")
    }
}

/// Checks that both forms say the same, and lose nothing of it.
pub(crate) fn check_both_forms(said: &Said) {
    let (url, list) = (read(&said.url()), read(&said.list()));
    assert_eq!(outcome(&url), outcome(&list), "{}\n{}", said.url(), said.list());
    let Ok(settings) = url else { return };
    assert_masked(&settings);
    for (keyword, value) in
        [(Keyword::User, &said.user), (Keyword::Password, &said.password), (Keyword::Dbname, &said.dbname)]
    {
        assert_eq!(settings.given.text(keyword).unwrap_or_default(), value, "{}", said.url());
    }
    for (keyword, value) in said.others.iter().rev().take(1) {
        assert_eq!(settings.given.text(*keyword).unwrap_or_default(), value, "{}", said.url());
    }
}

/// Checks what is said about any text.
pub(crate) fn check_text(text: &str) {
    match read(text) {
        Ok(settings) => assert_masked(&settings),
        Err(error) => {
            let message = error.to_string();
            // These are about several places, or about a file.
            let says_what = matches!(
                error,
                OptionsError::Counts { .. }
                    | OptionsError::WeakSslmode { .. }
                    | OptionsError::TlsRange
                    | OptionsError::NoService { .. }
                    | OptionsError::ServiceFile { .. }
                    | OptionsError::ServiceLine(_)
            );
            assert!(says_what || message.contains("--addr"), "{message:?} says where");
            assert_ne!(error.hint(), Some(String::new()));
        }
    }
}

/// Checks that what is said does not depend on a password, whatever is typed before it, in it and behind it.
///
/// Where a piece of a password has the form of another pair, such as `a user=b`, it is one.
pub(crate) fn check_secrecy(before: &str, (start, end): (&str, &str), after: &str) {
    let is_one_pair =
        !start.contains('=') && !before.contains('\\') && (before.trim().is_empty() || read(before).is_ok());
    let is_one_part = !(format!("{start}{end}").contains('@') && format!("{start}{end}").contains('?'));
    let texts = |password: &str| {
        let url = format!("postgres://user:{start}{password}{end}@host/{after}");
        let pairs = [
            format!("{before} password={start}{password} {after}"),
            format!("{before} password='{start}{password}' {after}"),
            format!("{before} password={start} {password}{end}"),
            format!("{before} password={start} {password}{end}=x"),
            format!("postgres://host/db?password={start}{password}&{after}"),
            format!("postgres://host/db?password={start}&{password}{end}=x"),
        ];
        let pairs = pairs.into_iter().filter(|_| is_one_pair);
        Some(url).filter(|_| is_one_part).into_iter().chain(pairs).collect::<Vec<_>>()
    };
    for (one, other) in texts("hunter2a").iter().zip(texts("qwertz3b")) {
        assert_eq!(said_about(one), said_about(&other), "{one}");
    }
}

fn read(text: &str) -> Result<Settings, OptionsError> {
    Settings::from_sources(Some(text), &|_| None)
}

/// Everything that settings lead to.
fn outcome(settings: &Result<Settings, OptionsError>) -> Result<String, String> {
    match settings {
        Ok(settings) => {
            let Settings { hosts, ssl, session_attrs, channel_binding, connect_timeout, network, .. } = settings;
            let parts = (hosts, ssl, session_attrs, channel_binding, connect_timeout, network);
            Ok(format!("{parts:?} {:?} {:?}", settings.described(), settings.passwords_of_hosts()))
        }
        Err(error) => Err(error.to_string()),
    }
}

fn said_about(text: &str) -> String {
    match read(text) {
        Ok(settings) => shown(&settings),
        Err(error) => format!("{error} {error:?} {:?}", error.hint()),
    }
}

fn shown(settings: &Settings) -> String {
    format!("{settings:?} {:?} {}", settings.described(), settings.address())
}

/// What is shown must be the same with any other password.
fn assert_masked(settings: &Settings) {
    let Some(password) = settings.given.text(Keyword::Password) else { return };
    let with = |password: &str| {
        let mut settings = settings.clone();
        settings.given.replace(Keyword::Password, Secret::new(password), Origin::Address);
        shown(&settings)
    };
    assert_eq!(with(password), with("another"));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_part() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z]{0,8}",
            "[ -~\t\n]{0,12}",
            "[^\\x00]{0,6}",
            prop::sample::select(&["%", "%41", "a@b", "/tmp", "::1", "'", "\\", "a,b", "s=1", "&", "[::1]"][..])
                .prop_map(str::to_owned)
        ]
    }

    fn any_other() -> impl Strategy<Value = (Keyword, String)> {
        let kept = |keyword: &Keyword| !keyword.locates_a_database() && *keyword != Keyword::Password;
        let keywords: Vec<Keyword> = Keyword::ALL.into_iter().filter(kept).chain([Keyword::Hostaddr]).collect();
        let value = prop_oneof![
            any_part(),
            prop::sample::select(
                &["require", "verify-full", "system", "any", "standby", "disable", "::1", "0", "-1", "7"][..]
            )
            .prop_map(str::to_owned),
        ];
        (prop::sample::select(keywords), value)
    }

    prop_compose! {
        fn any_said()(
            user in any_part(),
            password in any_part(),
            dbname in any_part(),
            hosts in prop::collection::vec((any_part(), prop::option::of(1..=u16::MAX)), 0..3),
            others in prop::collection::vec(any_other(), 0..3),
        ) -> Said {
            Said { user, password, dbname, hosts, others }
        }
    }

    proptest! {
        #[test]
        fn a_url_and_a_list_that_say_the_same_are_the_same(said in any_said()) {
            check_both_forms(&said);
        }

        #[test]
        fn whatever_is_typed_is_answered(text in prop_oneof!["\\PC{0,40}", "postgres(ql)?://\\PC{0,40}",
            "((host|port|user|password|sslmode|service|hots) ?= ?('[^']{0,6}'?|[^ ]{0,6}) ?){0,4}"]) {
            check_text(&text);
        }

        #[test]
        fn no_password_is_repeated(
            before in "((host|user|port|dbname)=[a-z1-9]{1,3} ){0,2}",
            start in "[ -~é]{0,6}",
            end in "[ -~é]{0,6}",
            after in "((host|user|sslmode|x)=[a-z1-9]{0,3} ?){0,2}",
        ) {
            check_secrecy(&before, (&start, &end), &after);
        }
    }
}
