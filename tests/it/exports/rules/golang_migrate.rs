//! golang-migrate sends each file as a whole, and begins no transaction.

use super::check::check;
use super::sql::statements;
use super::truth::{Files, Half, Unit};

fn read(files: &Files) -> Vec<Unit> {
    let unit = |pair: &[(String, String)]| {
        let [(down_path, down), (up_path, up)] = pair else { panic!("one is alone: {pair:?}") };
        let stem = up_path.strip_suffix(".up.sql").expect("it is a way up");
        assert_eq!(down_path.strip_suffix(".down.sql"), Some(stem));
        let (number, title) = stem.split_once('_').expect("it has a version and a name");
        let number: u64 = number.parse().expect("the version is a number");
        assert!(i64::try_from(number).is_ok(), "its table has a bigint");
        Unit { number, title: title.to_owned(), up: half(up), down: Some(half(down)) }
    };
    files.chunks(2).map(unit).collect()
}

/// Several statements in one message are a transaction; one alone is in none of anybody's.
fn half(text: &str) -> Half {
    Half::whole(text, statements(text).len() == 1)
}

#[test]
fn golang_migrate_sends_the_statements() {
    check("golang-migrate", |_, files| read(files), |_, unit| unit.alone());
}
