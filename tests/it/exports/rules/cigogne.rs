//! cigogne walks over a half character by character. It knows strings and dollars, but neither comments nor `"…"`.

use super::check::check;
use super::sql::{statements, words};
use super::truth::{Files, Half, Unit};

const UP: &str = "--- migration:up";
const DOWN: &str = "--- migration:down";
const END: &str = "--- migration:end";

fn read(files: &Files) -> Vec<Unit> {
    let unit = |(path, text): &(String, String)| {
        let (stamp, title) = path.strip_suffix(".sql").and_then(|stem| stem.split_once('-')).expect("it has a stamp");
        assert_eq!(stamp.len(), 14, "{path}");
        for marker in [UP, DOWN, END] {
            assert!(text.lines().filter(|line| line.contains(marker)).all(|line| line.starts_with(marker)), "{path}");
            assert_eq!(text.matches(marker).count(), 1, "{path}");
        }
        let (before, rest) = text.split_once(UP).expect("it has a way up");
        let (up, rest) = rest.split_once(DOWN).expect("it has a way down");
        let (down, after) = rest.split_once(END).expect("it has an end");
        assert_eq!((before, after), ("", "\n"), "{path}");
        let (suffix, up) = up.split_once('\n').expect("the marker has a line of its own");
        assert!(["", ":disable_transaction"].contains(&suffix), "{path}: {suffix}");
        Unit {
            number: stamp.parse().expect("it is digits"),
            title: title.to_owned(),
            up: half(&queries(up), !suffix.is_empty()),
            down: Some(half(&queries(down), false)),
        }
    };
    files.iter().map(unit).collect()
}

fn half(queries: &[String], is_outside: bool) -> Half {
    assert!(!is_outside || queries.len() == 1);
    let half = Half::each(queries, is_outside);
    // A statement from its first word on is all that there is: no comment before it, none in it.
    for (query, statement) in queries.iter().zip(&half.statements) {
        assert_eq!(query.trim_end_matches(';'), statement);
    }
    comparable(&half)
}

/// However a string is quoted, and without comments.
fn comparable(half: &Half) -> Half {
    Half { statements: half.statements.iter().map(|sql| words(sql).join(" ")).collect(), is_outside: half.is_outside }
}

enum Context {
    Simple,
    String,
    /// Between dollars, with this tag.
    Dollars(String),
    /// After a dollar: what a tag is so far, and the tag that it may close.
    Tag(String, Option<String>),
}

/// Cuts a half into queries.
fn queries(text: &str) -> Vec<String> {
    let mut queries = vec![String::new()];
    let mut context = Context::Simple;
    for c in text.chars() {
        if let (Context::Simple, ';') = (&context, c) {
            queries.push(String::new());
            continue;
        }
        queries.last_mut().expect("there is one").push(c);
        context = match (context, c) {
            (Context::Simple, '\'') => Context::String,
            (Context::String, '\'') => Context::Simple,
            (Context::Simple, '$') => Context::Tag(String::new(), None),
            (Context::Dollars(tag), '$') => Context::Tag(String::new(), Some(tag)),
            (Context::Tag(end, Some(tag)), '$') if end == tag => Context::Simple,
            // A digit cannot begin a tag; any other character goes on with it, however far the next dollar is.
            (Context::Tag(tag, None) | Context::Tag(_, Some(tag)), '$') => Context::Dollars(tag),
            (Context::Tag(end, outer), '0'..='9') if end.is_empty() => outer.map_or(Context::Simple, Context::Dollars),
            (Context::Tag(end, outer), _) => Context::Tag(format!("{end}{c}"), outer),
            (context, _) => context,
        };
    }
    assert!(matches!(context, Context::Simple), "a text is not closed: {text}");
    let queries = queries.iter().map(|query| query.trim()).filter(|query| !query.is_empty());
    queries.map(|query| format!("{query};")).collect()
}

#[test]
fn cigogne_sends_the_statements() {
    check(
        "cigogne",
        |_, files| read(files),
        |_, unit| {
            let unit = unit.alone();
            let is_outside = unit.up.is_outside;
            let down = unit.down.map(|down| {
                let statements = down.statements.iter().map(|sql| sql.replace(" concurrently", "")).collect();
                let down = if is_outside { Half { is_outside: false, statements } } else { down };
                comparable(&down)
            });
            Unit { up: comparable(&unit.up), down, ..unit }
        },
    );
}

#[test]
fn its_queries_are_cut_as_its_own_lexer_does() {
    assert_eq!(queries("select ';'; do $a$;$a$;\n\n;"), ["select ';';", "do $a$;$a$;"]);
    assert_eq!(queries("-- no; comment\nselect 1"), ["-- no;", "comment\nselect 1;"]);
    assert_eq!(queries("do $$ $1; $$; select 2"), ["do $$ $1; $$;", "select 2;"]);
    assert!(std::panic::catch_unwind(|| queries("do $$ a lone $; $$; select 2;")).is_err());
    assert_eq!(statements("do $$ a lone $; $$; select 2;").len(), 2);
}
