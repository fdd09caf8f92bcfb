//! What holds for every migration: what a tool reads in its file is what was exported, byte for byte.
//!
//! The readers are those of the tools, as far as they matter.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::item::pieces;
use super::*;
use crate::migration::bundle::Bundle;
use crate::migration::checksum::Checksum;
use crate::migration::ledger::Ledger;
use crate::migration::migration::Migration;
use crate::migration::statements::properties::Stretch;
use crate::migration::statements::{Token, tokens};
use crate::migration::wish::{Target, Wish};

/// Checks some formats with migrations of which the second builds an index, online.
pub(crate) fn check_formats(up: &[Stretch], down: &[Stretch], readers: &[(&str, Reader)]) {
    let (up, _) = Stretch::script(up);
    let (down, _) = Stretch::script(down);
    let bundle = bundle(&up, &down);
    let plan = Wish::Migrate(vec![(Module::Base, Target::Newest)]).plan(&bundle, &Ledger::Absent);
    let plan = plan.expect("there is nothing to object to").online_where(|migration| migration.online.is_some());
    for item in Item::of(&plan, &bundle) {
        assert!(item.is_outside() || item.part == item::Part::Record || item.up.contains(&up));
        for (name, read) in readers {
            let format = FORMATS.iter().find(|format| format.name == *name).expect("it is listed");
            let Shape::Files(files) = &format.shape else { panic!("{name} has files") };
            let written = (files.write)(std::slice::from_ref(&item), &Numbers::default());
            read(&item, &written);
        }
    }
    for format in FORMATS {
        if let Shape::Script { write, .. } = format.shape {
            let script = write(&plan, &vec![(Module::Base, None)]);
            assert!(script.contains(&up), "{}: {script}", format.name);
        }
    }
}

fn bundle(up: &str, down: &str) -> Bundle {
    let migration = |version: &str, name: &'static str, up: String, online: Option<String>| Migration {
        module: Module::Base,
        version: version.parse().expect("it is a date"),
        name: Cow::Borrowed(name),
        checksum: Checksum::of(&up),
        up: Cow::Owned(up),
        online: online.map(Cow::Owned),
        down: Cow::Owned(down.to_owned()),
        catalog: Cow::Borrowed(""),
        accepted: Vec::new(),
    };
    let index = |how: &str| format!("create index {how}i on pevensie.t (a) where a <> {};\n", first_quoted(up));
    let whole = migration("20250101000000", "whole", up.to_owned(), None);
    let built = migration("20250102000000", "built", index(""), Some(index("concurrently ")));
    Bundle::new(vec![whole, built], Vec::new())
}

fn first_quoted(sql: &str) -> &str {
    let quoted = tokens(sql).into_iter().find(|(token, _)| *token == Token::Quoted);
    quoted.map_or("''", |(_, range)| &sql[range])
}

/// Reads what was written for one item, and panics where that is not the item.
pub(crate) type Reader = fn(&Item<'_>, &[File]);

pub(crate) const READERS: [(&str, Reader); 13] = [
    ("dbmate", dbmate),
    ("sqlx", sqlx),
    ("diesel", diesel),
    ("golang-migrate", golang_migrate),
    ("refinery", refinery),
    ("goose", goose),
    ("tern", tern),
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

/// Checks that the pieces of a text lose nothing that matters, whatever it is.
pub(crate) fn check_pieces(sql: &str) {
    let bare = |sql: &str| -> String {
        let kept = |(token, range): (Token, std::ops::Range<usize>)| {
            Some(&sql[range]).filter(|text| token != Token::Comment && *text != ";" && !text.trim().is_empty())
        };
        tokens(sql).into_iter().filter_map(kept).collect()
    };
    // A text without an end has lost its last blanks.
    assert_eq!(pieces(sql).into_iter().map(bare).collect::<String>(), bare(sql.trim_end()), "{sql:?}");
}

static BUNDLE: LazyLock<Bundle> = LazyLock::new(Bundle::embedded);

/// The plan of Sqitch.
static LIST: LazyLock<File> = LazyLock::new(|| {
    let Shape::Files(files) = &sqitch::FORMAT.shape else { panic!("it has files") };
    let files = (files.write)(&everything(), &Numbers::default());
    files.into_iter().find(|file| file.is_list).expect("there is a list")
});

fn everything() -> Vec<Item<'static>> {
    let wish = Wish::Migrate(Module::ALL.map(|module| (module, Target::Newest)).to_vec());
    Item::of(&wish.plan(&BUNDLE, &Ledger::Absent).expect("there is nothing to object to"), &BUNDLE)
}

/// Checks that new files get numbers of their own, whatever is in the folder.
pub(crate) fn check_numbers(names: &[&str], first: Option<u64>) {
    let items = everything();
    let numbers = Numbers::of(names.iter().copied(), first);
    let numbered = numbers.number(&items);
    assert_eq!(numbered.len(), items.len());
    if numbers.clash(&items).is_none() {
        let is_there = |item: &Item<'_>| names.iter().any(|name| name.contains(&item.title()));
        let new: Vec<u64> = numbered.iter().filter(|(_, item)| !is_there(item)).map(|(number, _)| *number).collect();
        assert!(new.windows(2).all(|two| two[0] < two[1]), "{names:?} {first:?} {new:?}");
    }
    let existing = Existing(names.iter().map(|&name| name.to_owned()).collect());
    for migration in BUNDLE.migrations() {
        let is_online = existing.is_online(&BUNDLE, &vec![(migration.module, None)], migration);
        assert!(!is_online || migration.online.is_some());
    }
}

/// Checks that a list keeps every line that others wrote, and takes no line of ours twice.
pub(crate) fn check_merged(existing: &str) {
    let list = &*LIST;
    let merged = list.merged(existing);
    assert!(merged.starts_with(existing), "{existing:?}");
    assert_eq!(list.merged(&merged), merged, "{existing:?}");
    let count =
        |word: &str, text: &str| text.lines().filter(|line| line.split_whitespace().next() == Some(word)).count();
    for word in
        list.text.lines().filter_map(|line| line.split_whitespace().next()).filter(|word| !word.starts_with('%'))
    {
        assert_eq!(count(word, &merged), count(word, existing).max(1), "{word} {existing:?}");
    }
    // Sqitch reads no plan without its first lines.
    assert!(!existing.trim().is_empty() || merged.contains("%project="), "{existing:?}");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::migration::statements::properties::tests::any_stretches;

    fn any_name() -> impl Strategy<Value = String> {
        prop_oneof![
            "V?[0-9]{1,3}[_-]{0,2}[a-z]{0,4}\\.sql",
            "V?[0-9]{17,21}_x\\.sql",
            "(18446744073709551615|18446744073709551614)_x\\.sql",
            "V?[0-9]{1,2}_pevensie_(base_uuid7|cache_cache|auth_session_user_id_idx(_record)?)\\.sql",
            "\\PC{0,8}",
        ]
    }

    fn any_line() -> impl Strategy<Value = String> {
        prop_oneof![
            "%[a-z]{1,4}=x\n",
            "(my_change|pevensie_base_uuid7|pevensie_auth_users_sessions_tokens) [a-z ]{0,5}(\r?\n)?",
            "\\PC{0,8}\n?",
            "\n",
        ]
    }

    proptest! {
        #[test]
        fn every_tool_reads_what_was_exported(up in any_stretches(), down in any_stretches()) {
            check_formats(&up, &down, &READERS);
        }

        #[test]
        fn pieces_lose_nothing(stretches in any_stretches(), text in "[a'\"$;\\- \n\u{3000}é]{0,16}") {
            check_pieces(&Stretch::script(&stretches).0);
            check_pieces(&text);
        }

        #[test]
        fn numbers_are_never_given_twice(
            names in prop::collection::vec(any_name(), 0..4),
            first in prop::option::of(prop_oneof![0..20_u64, (u64::MAX - 9)..=u64::MAX]),
        ) {
            check_numbers(&names.iter().map(String::as_str).collect::<Vec<_>>(), first);
        }

        #[test]
        fn a_list_keeps_what_is_there(lines in prop::collection::vec(any_line(), 0..6)) {
            check_merged(&lines.concat());
        }
    }
}
