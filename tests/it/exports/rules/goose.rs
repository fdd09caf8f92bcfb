//! goose reads line by line, and knows where a statement ends by its annotations.

use super::check::check;
use super::truth::{Files, Half, Unit};

const PREFIX: &str = "-- +goose ";

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Start,
    Between,
    Within,
}

fn read(files: &Files) -> Vec<Unit> {
    let unit = |(path, text): &(String, String)| {
        let (number, title) = path.strip_suffix(".sql").and_then(|stem| stem.split_once('_')).expect("goose takes it");
        let number: i64 = number.parse().expect("it has 64 bits");
        let [up, down] = halves(text);
        Unit { number: number.cast_unsigned(), title: title.to_owned(), up, down: Some(down) }
    };
    files.iter().map(unit).collect()
}

fn halves(text: &str) -> [Half; 2] {
    let mut ways: Vec<Vec<String>> = Vec::new();
    let mut buffer = String::new();
    let (mut state, mut is_outside) = (State::Start, false);
    for line in text.lines() {
        let Some(annotation) = line.strip_prefix(PREFIX) else {
            assert!(!line.contains("+goose"), "an annotation goose would see, or a reader would: {line}");
            // Comments before a statement are left out.
            let is_skipped = buffer.is_empty() && (line.is_empty() || line.trim().starts_with("--"));
            assert!(is_skipped || state == State::Within, "{state:?}: {line}");
            if !is_skipped {
                buffer.extend([line, "\n"]);
            }
            continue;
        };
        state = match (annotation, state, ways.len()) {
            ("NO TRANSACTION", State::Start, 0) if !is_outside => {
                is_outside = true;
                State::Start
            }
            ("Up", State::Start, 0) | ("Down", State::Between, 1) => {
                ways.push(Vec::new());
                State::Between
            }
            ("StatementBegin", State::Between, _) => State::Within,
            ("StatementEnd", State::Within, _) => {
                let statement = std::mem::take(&mut buffer).trim().to_owned();
                ways.last_mut().expect("it is up or down").push(statement);
                State::Between
            }
            _ => panic!("{line} in {state:?}"),
        };
    }
    assert_eq!(state, State::Between);
    let [up, down] = ways.try_into().expect("there is an up and a down");
    [up, down].map(|statements| Half::each(&statements, is_outside))
}

#[test]
fn goose_sends_the_statements() {
    check("goose", |_, files| read(files), |_, unit| unit);
}
