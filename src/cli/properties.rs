//! What holds for every word on the command line, and for whatever a server reports.

use std::sync::LazyLock;
use std::time::Duration;

use super::args::{self, ModuleArg, VersionArg};
use super::failure::Failure;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::{Ledger, Record};
use crate::migration::module::Module;
use crate::migration::script::Script;
use crate::migration::status::Status;
use crate::migration::wish::{Target, Wish};
use crate::pg::error::{Error, ServerError};
use crate::render::json::{self, ErrorBody};
use crate::render::problem::{self, Gravity};
use crate::render::table::Room;
use crate::render::{annotation, status};
use crate::schema::verdict::Strictness;

/// Checks that a word is either what it says or refused with a message.
pub(crate) fn check_word(text: &str) {
    let is_said = |message: String| assert!(!message.is_empty());
    let version = |version: VersionArg| version.0.map_or("0".to_owned(), |version| version.to_string());
    args::version(text).map_or_else(is_said, |found| {
        assert_eq!(version(found), text);
        if let Some(stamp) = found.0 {
            assert_eq!(format!("{:014}", stamp.number()), text);
            let digits: String = stamp.timestamp().chars().filter(char::is_ascii_digit).collect();
            assert_eq!(digits, format!("{text}00"));
        }
    });
    args::module(text).map_or_else(is_said, |found| assert_eq!(found.name(), text));
    args::module_at_version(text).map_or_else(is_said, |ModuleArg { module, version: at }| {
        assert_eq!(at.map_or(module.to_string(), |at| format!("{module}@{}", version(at))), text);
    });
    args::duration(text).map_or_else(is_said, |found| {
        assert!(found <= Duration::from_millis(i32::MAX as u64));
        assert!(found.is_zero() || found >= Duration::from_millis(1));
        let written = humantime::format_duration(found).to_string();
        assert_eq!(args::duration(&written), Ok(found), "{written}");
    });
    args::steps(text).map_or_else(is_said, |found| assert!(text.ends_with(&found.to_string())));
}

/// What a server reports of an error in a script.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) position: Option<usize>,
    pub(crate) completed: usize,
    pub(crate) sqlstate: String,
    pub(crate) message: String,
    pub(crate) detail: Option<String>,
    pub(crate) hint: Option<String>,
}

/// A script as we have it, and one of which every part has characters of several bytes.
static SCRIPTS: LazyLock<[Script; 2]> = LazyLock::new(|| {
    let bundle = Bundle::embedded();
    let foreign = bundle.of(Module::Cache).take(1).cloned().map(|mut migration| {
        migration.module = Module::Base;
        migration.name = "größe".into();
        migration.up = format!("-- ä€🦢\n\n{}\tselect '🦢\u{301}\n\u{200b}é';\n", migration.up).into();
        migration
    });
    let foreign = Bundle::new(foreign.collect(), Vec::new());
    let wish = Wish::Migrate(vec![(Module::Base, Target::Newest)]);
    let ledger = Ledger::Current { rows: Vec::new(), latest: Vec::new() };
    [&bundle, &foreign].map(|bundle| Script::of(&wish.plan(bundle, &ledger).expect("nothing speaks against it")))
});

/// Checks that an error is told, and that what is pointed to is what the server meant.
pub(crate) fn check_report(report: &Report) {
    for script in &*SCRIPTS {
        let Report { position, completed, sqlstate, message, detail, hint } = report.clone();
        let location = script.locate(completed, position);
        let text = script.text();
        if let Some(location) = &location {
            let meant = &location.sql[location.span.clone()];
            match position {
                Some(position) => assert_eq!(text.chars().nth(position - 1), meant.chars().next(), "{report:?}"),
                None => assert!(text.contains(meant) && !meant.trim().is_empty()),
            }
        }
        // A heading is ours, and so is the line feed between two parts: no error is there.
        let is_inside = position.is_some_and(|position| (1..=text.chars().count()).contains(&position));
        assert!(location.is_none() || is_inside || position.is_none(), "{report:?}");

        let server = ServerError {
            sqlstate: sqlstate.clone(),
            message: message.clone(),
            detail,
            hint,
            location: location.clone(),
            blockers: Vec::new(),
        };
        let failure = Failure::Database(Error::Server(Box::new(server)), Box::default());
        let problems = failure.problems();
        assert_eq!(problems.len(), 1);
        let shown = problem::text(&problems[0], Gravity::Error);
        assert!(shown.contains(message.split('\n').next().unwrap_or_default()), "{shown}");
        assert!(shown.contains(&sqlstate) || message.contains(&sqlstate), "{shown}");
        if let Some(location) = location {
            let before = &location.sql[..location.span.start];
            let line = before.matches('\n').count() + 1;
            assert!(shown.contains(&format!("sql/{}:{line}:", location.path)), "{line}: {shown}");
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            assert!(shown.contains(&format!("{}:{line}:{column}", location.path)), "{column}: {shown}");
        }
        let exit = failure.exit() as u8;
        let document = json::write("migrate", ErrorBody { exit_code: exit, errors: problems, applied_before: &[] });
        let document: serde_json::Value = serde_json::from_str(&document).expect("it is JSON");
        assert!(document["errors"][0]["message"].as_str().is_some_and(|found| found.starts_with(&message)));
        assert_eq!(document["errors"][0]["sqlstate"].as_str(), Some(sqlstate.as_str()));
    }
}

/// Checks that a status can be shown, whatever was recorded.
pub(crate) fn check_status(bundle: &Bundle, ledger: &Ledger, history: &[Record]) {
    for named in [&[][..], &Module::ALL] {
        let found = Status::of(bundle, ledger, named);
        let shown = status::text(&found, "2026-11-21T10:14:00Z", &[], Room::Endless);
        assert!(found.modules.iter().all(|module| shown.contains(module.module.name())));
        let annotations = annotation::text(&found, &[], Strictness::Lenient);
        let count = found.faults.len() + found.pending().len() + usize::from(found.modules.is_empty());
        assert_eq!(annotations.split_terminator('\n').filter(|line| line.starts_with("::error title=")).count(), count);
        assert_eq!(annotations.split_terminator(['\n', '\r']).count(), count, "{annotations}");
    }
    assert!(status::history(history, Room::Endless).lines().count() > history.len());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::migration::ledger::{Action, Row};
    use crate::schema::catalog::Catalog;
    use crate::schema::expected::properties::check_live;

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z ]{0,20}",
            "(\\PC|\n){0,20}",
            prop::sample::select(
                &["", "\n", "\n\n", "\r\n", "\t", "\u{1b}[31m", "ä€🦢", "e\u{301}", "\u{202e}", "%0A::error::"][..]
            )
            .prop_map(str::to_owned),
        ]
    }

    prop_compose! {
        fn any_report()(
            position in prop_oneof![
                Just(None),
                (0..400_usize).prop_map(Some),
                (0..9_000_usize).prop_map(Some),
                prop::sample::select(&[0, 1, i32::MAX as usize, u32::MAX as usize, usize::MAX][..]).prop_map(Some),
            ],
            completed in prop_oneof![0..90_usize, Just(usize::MAX)],
            sqlstate in prop_oneof!["[0-9A-Z]{5}", "\\PC{0,6}", Just(String::new())],
            message in any_text(),
            detail in prop::option::of(any_text()),
            hint in prop::option::of(any_text()),
        ) -> Report {
            Report { position, completed, sqlstate, message, detail, hint }
        }
    }

    /// Checks that what may be a password is not shown, wherever an address was written in the place of something else.
    fn check_address(user: &str, password: &str, rest: &str) {
        for text in [
            format!("{user}:{password}@{rest}"),
            format!("postgres://{password}@{rest}"),
            format!("password = {password}"),
        ] {
            assert!(args::may_hold_a_password(&text), "{text}");
            for message in [args::module_at_version(&text).err(), args::module(&text).err()] {
                assert!(!message.is_some_and(|message| message.contains(password)), "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn words_are_what_they_say_or_are_refused(
            text in prop_oneof![
                "[0-9]{14}", "20[0-9]{2}[01][0-9][0-3][0-9][0-2][0-9][0-5][0-9][0-5][0-9]", "\\PC{0,16}",
                "(base|auth|cache|auht)(@(0|[0-9]{14}|x)?)?",
                "[0-9]{1,12} ?(ns|us|ms|s|min|m|h|days|years|weeks)?( [0-9]{1,3}(ms|s))?",
            ],
        ) {
            check_word(&text);
        }

        #[test]
        fn an_address_in_the_wrong_place_is_not_repeated(user in "[a-z]{0,4}", password in "[#-+A-Z]{6,9}", rest in "[a-z./:@]{0,6}") {
            check_address(&user, &password, &rest);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn what_a_server_reports_is_told(report in any_report()) {
            check_report(&report);
        }

        #[test]
        fn whatever_was_recorded_can_be_shown(module in any_text(), version in any_text(), text in any_text()) {
            let bundle = Bundle::embedded();
            let record = |module: &str| Record {
                module: module.to_owned(),
                version: version.clone(),
                action: Action::Up,
                checksum: text.clone(),
                started_at: text.clone(),
                finished_at: text.clone(),
                role: text.clone(),
                application: text.clone(),
                tool: text.clone(),
            };
            let row = |module: &str| Row { module: module.to_owned(), version: version.clone(), checksum: Some(text.clone()) };
            let history = vec![record("base"), record(&module)];
            let ledger = Ledger::current(vec![row("base"), row(&module)], &history);
            check_status(&bundle, &ledger, &history);
            check_live(&bundle, &ledger, &Catalog::default());
        }
    }
}
