//! Compares what a tool would send with what it has to send.

use super::sql::{names, statements};
use super::truth::{CASES, Case, Files, Half, Unit, hostile_body};

impl Half {
    /// A half that the tool sends as one message.
    pub(super) fn whole(message: &str, is_outside: bool) -> Self {
        let statements = statements(message);
        assert!(!is_outside || statements.len() == 1, "several statements at once are a transaction: {message}");
        Self { is_outside, statements }
    }

    /// A half of which the tool sends each of these.
    pub(crate) fn each(messages: &[impl AsRef<str>], is_outside: bool) -> Self {
        let one = |message: &str| {
            let mut statements = statements(message);
            assert_eq!(statements.len(), 1, "no statement, or several: {message}");
            statements.remove(0)
        };
        Self { is_outside, statements: messages.iter().map(|message| one(message.as_ref())).collect() }
    }
}

impl Unit {
    /// The unit for a tool that takes nothing but the index where it leaves its transaction.
    pub(super) fn alone(mut self) -> Self {
        if self.up.is_outside {
            self.up.statements.drain(..self.up.statements.len() - 1);
        }
        self
    }
}

/// Checks every export of a format. `read` does what the tool does; `expect` says in what the tool differs.
pub(crate) fn check(format: &str, read: impl Fn(&Case, &Files) -> Vec<Unit>, expect: impl Fn(usize, Unit) -> Unit) {
    for case in CASES {
        let units = read(&case, &case.files(format));
        let expected: Vec<Unit> = case.units().into_iter().enumerate().map(|(nth, unit)| expect(nth, unit)).collect();
        let named = |units: &[Unit]| units.iter().map(|unit| (unit.number, unit.title.clone())).collect::<Vec<_>>();
        assert_eq!(named(&units), named(&expected), "{format}, {}", case.name);
        for (unit, expected) in units.iter().zip(&expected) {
            assert_eq!(unit, expected, "{format}, {}", case.name);
            check_transactions(unit);
        }
        if case.is_hostile() {
            check_bodies(&units);
        }
    }
}

fn check_transactions(unit: &Unit) {
    for half in std::iter::once(&unit.up).chain(&unit.down) {
        let concurrent = half.statements.iter().filter(|sql| names(sql, "concurrently")).count();
        let last = half.statements.last().expect("no half is empty");
        assert_eq!(half.is_outside, concurrent > 0, "{unit:#?}");
        assert_eq!(half.is_outside, names(last, "concurrently"), "{unit:#?}");
    }
    assert_eq!(
        unit.up.is_outside,
        unit.up.statements.last().is_some_and(|sql| sql.starts_with("create index concurrently "))
    );
}

fn check_bodies(units: &[Unit]) {
    let [first, second] = units else { panic!("there are two hostile migrations") };
    for (half, file) in
        [(Some(&first.up), "1.up.sql"), (Some(&second.up), "2.up.sql"), (second.down.as_ref(), "2.down.sql")]
    {
        let body = hostile_body(file);
        assert!(half.is_none_or(|half| half.statements.iter().any(|sql| sql.contains(&body))), "{file}: {half:#?}");
    }
}
