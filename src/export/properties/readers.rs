//! The readers of the tools, as far as they matter.

use super::super::item::pieces;
use super::super::*;
use crate::migration::statements::{Token, tokens};

/// Reads what was written for one item, and panics where that is not the item.
pub(crate) type Reader = fn(&Item<'_>, &[File]);

/// One for every format that has files.
pub(crate) const READERS: [(&str, Reader); 15] = [
    ("dbmate", dbmate),
    ("sqlx", sqlx),
    ("diesel", diesel),
    ("golang-migrate", golang_migrate),
    ("refinery", refinery),
    ("goose", goose),
    ("tern", tern),
    ("atlas", atlas),
    ("flyway", flyway),
    ("liquibase", liquibase),
    ("sqitch", sqitch),
    ("graphile-migrate", graphile_migrate),
    ("node-pg-migrate", node_pg_migrate),
    ("ecto", ecto),
    ("cigogne", cigogne),
];

/// A line of the tool's own within a migration cuts it off: no format has a way around that, and no migration such a line.
fn is_plain(item: &Item<'_>, markers: &[&str]) -> bool {
    let is_marker = |line: &str| {
        let words = line.trim().to_lowercase();
        let words = words.trim_start_matches('-').trim_start();
        line.trim_start().starts_with("--") && markers.iter().any(|marker| words.starts_with(marker))
    };
    !(item.before_all() + &item.up + &item.down).lines().any(is_marker)
}

impl Item<'_> {
    fn before_all(&self) -> String {
        self.up_pieces().concat()
    }
}

fn dbmate(item: &Item<'_>, files: &[File]) {
    if is_plain(item, &["migrate:"]) {
        let option = if item.is_outside() { " transaction:false" } else { "" };
        let up = files[0].text.strip_prefix(&format!("-- migrate:up{option}\n")).expect("it begins with that");
        let (up, down) = up.split_once(&format!("\n-- migrate:down{option}\n")).expect("the other half follows");
        assert_eq!((up, down), (item.up.as_str(), item.down.as_str()));
    }
}

fn two_files(item: &Item<'_>, up: &File, down: &File) {
    assert_eq!((up.text.as_str(), down.text.as_str()), (item.up.as_str(), item.down.as_str()));
}

fn sqlx(item: &Item<'_>, files: &[File]) {
    let file = |file: &File| {
        let text = file.text.strip_prefix("-- no-transaction\n");
        assert_eq!(text.is_some(), item.is_outside());
        File::new(String::new(), text.unwrap_or(&file.text).to_owned())
    };
    two_files(item, &file(&files[0]), &file(&files[1]));
}

fn diesel(item: &Item<'_>, files: &[File]) {
    two_files(item, &files[0], &files[1]);
    assert_eq!(files.len() == 3, item.is_outside());
}

fn golang_migrate(item: &Item<'_>, files: &[File]) {
    two_files(item, &files[0], &files[1]);
}

fn refinery(item: &Item<'_>, files: &[File]) {
    assert_eq!(files[0].text, item.up);
}

fn goose(item: &Item<'_>, files: &[File]) {
    if !is_plain(item, &["+goose"]) {
        return;
    }
    let (mut ways, mut statement): ([Vec<String>; 2], _) = ([Vec::new(), Vec::new()], None);
    let mut way = 0;
    for line in files[0].text.split('\n') {
        match (line.strip_prefix("-- +goose "), &mut statement) {
            (Some("Up"), None) => way = 0,
            (Some("Down"), None) => way = 1,
            (Some("StatementBegin"), None) => statement = Some(Vec::new()),
            (Some("StatementEnd"), Some(lines)) => {
                ways[way].push(lines.join("\n"));
                statement = None;
            }
            (Some("NO TRANSACTION"), None) => assert!(item.is_outside()),
            (None, Some(lines)) => lines.push(line),
            (None, None) => assert_eq!(line, ""),
            (Some(other), _) => panic!("{other}"),
        }
    }
    assert_eq!(
        ways,
        [item.up_pieces(), pieces(&item.down)].map(|all| all.into_iter().map(str::to_owned).collect::<Vec<_>>())
    );
}

/// A template of Go that has nothing in it but texts.
fn tern(item: &Item<'_>, files: &[File]) {
    if !is_plain(item, &["create above", "tern:"]) {
        return;
    }
    let (mut text, mut rest) = (String::new(), files[0].text.as_str());
    while let Some((before, action)) = rest.split_once("{{") {
        text += before;
        rest = action.strip_prefix(" \"{{\" }}").expect("an action that writes two braces");
        text += "{{";
    }
    text += rest;
    let outside = if item.is_outside() { "---- tern: disable-tx ----\n" } else { "" };
    let (up, down) = text.split_once("\n---- create above / drop below ----\n\n").expect("two halves");
    assert_eq!((up, down), (&*format!("{outside}{}", item.up), &*format!("{outside}{}", item.down)));
}

/// It finds the statements by itself.
fn atlas(item: &Item<'_>, files: &[File]) {
    if is_plain(item, &["atlas:"]) {
        let text = files[0].text.strip_prefix("-- atlas:txmode none\n\n");
        assert_eq!(text.is_some(), item.is_outside());
        assert_eq!(pieces(text.unwrap_or(&files[0].text)), item.up_pieces());
    }
}

/// It finds the statements by itself, and puts values for its placeholders unless it is told not to.
fn flyway(item: &Item<'_>, files: &[File]) {
    let ways: Vec<&File> = files.iter().filter(|file| !file.path.ends_with(".sql.conf")).collect();
    let statements: Vec<_> = ways.iter().map(|file| pieces(&file.text)).collect();
    assert_eq!(statements, [item.up_pieces(), pieces(&item.down)]);
    for file in ways {
        let settings = files.iter().find(|other| other.path == format!("{}.conf", file.path));
        let is_set = |setting: &str| settings.is_some_and(|settings| settings.text.lines().any(|line| line == setting));
        assert_eq!(is_set("executeInTransaction=false"), item.is_outside());
        assert_eq!(is_set("placeholderReplacement=false"), file.text.contains("${"));
    }
}

fn liquibase(item: &Item<'_>, files: &[File]) {
    if is_plain(item, &["rollback", "changeset", "liquibase", "property", "preconditions", "comment", "validchecksum"])
    {
        let (_, changeset) = files[0].text.split_once("\n--changeset ").expect("a changeset");
        let (_, body) = changeset.split_once('\n').expect("a body");
        let is_rollback = |line: &&str| line.starts_with("--rollback ");
        let rollback: String =
            body.split_inclusive('\n').filter(is_rollback).map(|line| &line["--rollback ".len()..]).collect();
        let up: String = body.split_inclusive('\n').take_while(|line| !is_rollback(line)).collect();
        assert_eq!((&up, &rollback), (&item.up, &item.down));
    }
}

fn sqitch(item: &Item<'_>, files: &[File]) {
    let [deploy, revert] = [&files[0].text, &files[1].text].map(|text| {
        let inner = text.strip_prefix("begin;\n\n").and_then(|text| text.strip_suffix("\ncommit;\n"));
        assert!(item.is_outside() || inner.is_some());
        inner.filter(|_| !item.is_outside()).unwrap_or(text)
    });
    assert!(if item.is_outside() { deploy.ends_with(&item.up) } else { deploy == item.up });
    assert_eq!(revert, item.down);
}

fn graphile_migrate(item: &Item<'_>, files: &[File]) {
    if item.is_outside() {
        return;
    }
    let (_, execute) = files[0].text.split_once("    execute $").expect("it is executed");
    let (tag, body) = execute.split_once("$\n").expect("a tag");
    let (sql, rest) = body.split_once(&format!("${tag}$")).expect("the end");
    assert_eq!(sql, item.up);
    assert!(rest.starts_with(";\n  end if;"));
}

fn node_pg_migrate(item: &Item<'_>, files: &[File]) {
    let text = &files[0].text;
    if item.is_outside() {
        let (up, down) = text.split_once("exports.down").expect("two functions");
        let calls = |half: &str| -> Vec<String> {
            let call = |line: &str| line.strip_prefix("  pgm.sql(")?.strip_suffix(");").map(str::to_owned);
            let string = |json: String| serde_json::from_str(&json).expect("a string of JSON is one of JavaScript");
            half.lines().filter_map(call).map(string).collect()
        };
        assert_eq!(
            (calls(up), calls(down)),
            (item.up_pieces().into_iter().map(str::to_owned).collect(), vec![item.down.clone()])
        );
    } else if is_plain(item, &["up migration", "down migration"]) {
        let up = text.strip_prefix("-- Up Migration\n").expect("it begins with that");
        assert_eq!(up.split_once("\n-- Down Migration\n"), Some((item.up.as_str(), item.down.as_str())));
    }
}

/// Elixir reads a heredoc without escapes, except for its own end behind a backslash; and a string with escapes.
fn ecto(item: &Item<'_>, files: &[File]) {
    let (up, down) = files[0].text.split_once("\n  def down do\n").expect("two functions");
    let calls = |half: &str| {
        let (mut found, mut rest) = (Vec::new(), half);
        while let Some(at) = rest.find("\n    execute(") {
            let call = &rest[at + "\n    execute(".len()..];
            let (text, behind) = match call.strip_prefix("~S") {
                Some(heredoc) => heredoc_of(heredoc),
                None => string_of(call.strip_prefix('"').expect("a string")),
            };
            found.push(text);
            rest = behind.strip_prefix(')').expect("the end of the call");
        }
        found
    };
    assert_eq!(calls(up), item.up_pieces());
    assert_eq!(calls(&format!("\n{down}")), pieces(&item.down));
}

fn heredoc_of(text: &str) -> (String, &str) {
    let (fence, mut rest) = text.split_at(3);
    rest = rest.strip_prefix('\n').expect("nothing stands behind the fence");
    let mut lines = String::new();
    loop {
        let line = rest.split('\n').next().unwrap_or_default();
        if let Some(behind) = rest.trim_start_matches([' ', '\t']).strip_prefix(fence) {
            // The line feed before its end is a part of it, and nothing to SQL.
            return (lines.strip_suffix('\n').unwrap_or_default().to_owned(), behind);
        }
        assert!(line.len() < rest.len(), "the heredoc has an end");
        lines += &line.replace(&format!("\\{fence}"), fence);
        lines.push('\n');
        rest = &rest[line.len() + 1..];
    }
}

fn string_of(text: &str) -> (String, &str) {
    let (mut string, mut chars) = (String::new(), text.chars());
    loop {
        match chars.next().expect("the string has an end") {
            '"' => return (string, chars.as_str()),
            '\\' => string.extend(chars.next()),
            '#' => {
                assert!(!chars.as_str().starts_with('{'), "nothing is put in");
                string.push('#');
            }
            c => string.push(c),
        }
    }
}

/// What is left of a script without comments, whichever quotes its texts are in.
fn words(sql: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_apart = true;
    for (token, range) in tokens(sql) {
        let text = &sql[range];
        let is_blank = text.trim().is_empty();
        match token {
            Token::Quoted if text.starts_with('$') => {
                let tag = text[1..].find('$').map_or(0, |end| end + 2);
                words.push(format!("'{}", &text[tag..text.len() - tag]));
            }
            // An apostrophe that is doubled is the end of one text and the beginning of another.
            Token::Quoted if text.starts_with('\'') => {
                let inner = &text[1..text.len() - 1];
                match words.last_mut().filter(|word| word.starts_with('\'') && !is_apart) {
                    Some(word) => word.extend(["'", inner]),
                    None => words.push(format!("'{inner}")),
                }
            }
            Token::Quoted if words.ends_with(&["U".to_owned(), "&".to_owned()]) && !is_apart => {
                words.truncate(words.len() - 2);
                words.push(unescaped(text));
            }
            Token::Quoted | Token::Other if !is_blank => words.push(text.to_owned()),
            Token::Quoted | Token::Other | Token::Comment => {}
        }
        is_apart = is_blank || token == Token::Comment;
    }
    words
}

/// A name with its escapes, four hexadecimal digits each, undone.
fn unescaped(name: &str) -> String {
    let mut parts = name.split('\\');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        text.extend(code);
        text += part.get(4..).unwrap_or_default();
    }
    text
}

fn cigogne(item: &Item<'_>, files: &[File]) {
    let text = &files[0].text;
    if !is_plain(item, &["migration:"]) {
        return;
    }
    let (up, down) = text.split_once("\n--- migration:down\n").expect("two halves");
    let (_, up) = up.split_once('\n').expect("the first line says that it is the way up");
    let down = down.strip_suffix("\n--- migration:end\n").expect("the end");
    assert_eq!(words(up), words(&item.up));
    let concurrently = if item.is_outside() { item.down.replace(" concurrently", "") } else { item.down.clone() };
    assert_eq!(words(down), words(&concurrently));
    for (token, range) in tokens(up).into_iter().chain(tokens(down)) {
        assert!(token != Token::Comment, "{range:?}");
    }
}
