//! tern cuts a file in two, reads each half as a Go template, and sends what comes out.

use super::check::check;
use super::truth::{CASES, Files, Half, Unit};

const CUT: &str = "---- create above / drop below ----";
const OUTSIDE: &str = "---- tern: disable-tx ----";

fn read(files: &Files) -> Vec<Unit> {
    let unit = |(nth, (path, text)): (usize, &(String, String))| {
        let (number, title) = path.strip_suffix(".sql").and_then(|stem| stem.split_once('_')).expect("tern takes it");
        let number: i32 = number.parse().expect("it has 32 bits");
        assert_eq!(usize::try_from(number), Ok(nth + 1), "there must be no gap");
        let (up, down) = text.split_once(CUT).expect("it has two halves");
        Unit {
            number: u64::from(number.cast_unsigned()),
            title: title.to_owned(),
            up: half(up.strip_suffix('\n').expect("the marker has a line of its own")),
            down: Some(half(down.strip_prefix('\n').expect("the marker has a line of its own"))),
        }
    };
    files.iter().enumerate().map(unit).collect()
}

fn half(text: &str) -> Half {
    let sql = evaluated(text.trim());
    let markers: Vec<&str> = sql.lines().filter(|line| line.trim_start().starts_with("----")).collect();
    let is_outside = sql.lines().next() == Some(OUTSIDE);
    assert_eq!(markers, [OUTSIDE][..usize::from(is_outside)]);
    Half::whole(&sql, is_outside)
}

/// Evaluates the only action that there should be: a constant.
fn evaluated(template: &str) -> String {
    let mut parts = template.split("{{");
    let mut text = parts.next().expect("a split has a first part").to_owned();
    while let Some(action) = parts.next() {
        // The constant is the braces themselves, so it is cut there, too.
        assert_eq!(action, " \"", "this is no text, but a template: {{{{{action}");
        let rest = parts.next().and_then(|rest| rest.strip_prefix("\" }}")).expect("the constant ends");
        text += "{{";
        text += rest;
    }
    text
}

#[test]
fn tern_sends_the_statements() {
    check("tern", |_, files| read(files), |nth, unit| Unit { number: nth as u64 + 1, ..unit.alone() });
}

#[test]
fn braces_of_the_hostile_files_are_escaped() {
    let files = CASES.iter().find(|case| case.is_hostile()).expect("it is one of them").files("tern");
    for (path, text) in &files {
        let opened = text.matches("{{").count();
        assert!(opened > 0, "{path}");
        assert_eq!(text.matches("{{ \"{{\" }}").count() * 2, opened, "{path}");
    }
}
