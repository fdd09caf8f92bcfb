//! What the files of an export have to send, whatever the tool: built from `print --format sql` and from `sql/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::sql::statements;
use crate::support::{FIRST, MODULES, files_below, pevensie_pg};

/// The files of an export by their paths, in the order of these.
pub(crate) type Files = Vec<(String, String)>;

/// One migration of another tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) up: Half,
    pub(crate) down: Option<Half>,
}

/// One way of it: the statements that are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Half {
    pub(crate) is_outside: bool,
    pub(crate) statements: Vec<String>,
}

/// What is exported.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    arguments: &'static [&'static str],
}

pub(crate) const CASES: [Case; 5] = [
    Case { name: "everything", arguments: &["base", "auth", "cache"] },
    Case { name: "cache", arguments: &["cache"] },
    Case { name: "auth", arguments: &["auth"] },
    Case { name: "upgrade", arguments: &["--from", FIRST, "auth", "cache"] },
    Case { name: "hostile", arguments: &[] },
];

/// What a script says of one migration.
struct Chunk {
    module: String,
    version: String,
    name: String,
    statements: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The function body in a file of `tests/hostile`.
pub(super) fn hostile_body(file: &str) -> String {
    let sql = read(format!("tests/hostile/{file}"));
    let (_, rest) = sql.split_once("as $hostile$").expect("the body begins");
    rest.split_once("$hostile$").expect("the body ends").0.to_owned()
}

impl Case {
    pub(crate) fn is_hostile(&self) -> bool {
        self.name == "hostile"
    }

    fn is_upgrade(&self) -> bool {
        self.arguments.contains(&"--from")
    }

    fn print(&self, further: &[&str]) -> String {
        pevensie_pg(&[&["print"], self.arguments, further].concat()).run().ok().stdout
    }

    /// The export itself.
    pub(crate) fn files(&self, format: &str) -> Files {
        if self.is_hostile() {
            return files_below(&root().join("tests/hostile").join(format)).into_iter().collect();
        }
        let document: Value = serde_json::from_str(&self.print(&["--format", format, "--json"])).expect("it is JSON");
        let files = document["files"].as_array().expect("it has files").iter();
        let field = |file: &Value, name: &str| file[name].as_str().expect("it is text").to_owned();
        let mut files: Files = files.map(|file| (field(file, "path"), field(file, "text"))).collect();
        files.sort();
        files
    }

    /// What rolls each migration back by itself: down to the first version of each module, and then that. All at once,
    /// what goes with its table would not be undone before it.
    fn downs(&self) -> Vec<Chunk> {
        if self.is_upgrade() {
            return chunks(&self.print(&["--down"]), "down");
        }
        let modules = self.arguments.iter().filter(|module| **module != "base").chain([&"base"]);
        let firsts: Vec<String> = modules.map(|module| format!("{module}@{FIRST}")).collect();
        let first = [&["print", "--down"], &firsts.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat();
        let first = pevensie_pg(&first).run().ok().stdout;
        let mut downs = chunks(&self.print(&["--down", "--from", FIRST]), "down");
        downs.extend(chunks(&first, "down"));
        downs
    }

    /// What it has to send.
    pub(crate) fn units(&self) -> Vec<Unit> {
        let (ups, mut downs) = if self.is_hostile() {
            let ups = chunks(&read("tests/hostile/sql/script.sql"), "up");
            let downs = hostile_downs(&ups);
            (ups, downs)
        } else {
            (chunks(&self.print(&[]), "up"), self.downs())
        };
        downs.reverse();
        let by_psql = if self.is_upgrade() { self.print(&["--format", "psql"]) } else { String::new() };
        let mut levels: BTreeMap<String, String> = BTreeMap::new();
        let mut units = Vec::new();
        assert_eq!(ups.len(), downs.len());
        for (up, down) in ups.iter().zip(&downs) {
            assert_eq!((&up.module, &up.version), (&down.module, &down.version));
            let start = levels.insert(up.module.clone(), up.version.clone());
            let start = start.as_deref().or(self.is_upgrade().then_some(FIRST));
            match online(up).filter(|_| self.is_upgrade()) {
                Some(create) => units.extend(online_units(up, down, start, create, &by_psql)),
                None => units.push(whole(up, down, start)),
            }
        }
        assert!(units.is_sorted_by_key(|unit| unit.number));
        units
    }
}

/// Cuts a script at its headings. What comes before the first is the first one's.
fn chunks(script: &str, way: &str) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut texts = vec![String::new()];
    for line in script.lines() {
        let heading = line.strip_prefix("-- ").and_then(|line| line.strip_suffix(&format!(": {way}")));
        let words: Vec<&str> = heading.unwrap_or_default().split(' ').collect();
        if let [module, version, name] = words[..] {
            chunks.push([module, version, name].map(str::to_owned));
            texts.push(String::new());
        }
        texts.last_mut().expect("there is one").extend([line, "\n"]);
    }
    let first = texts.remove(0);
    texts[0].insert_str(0, &first);
    // A file names the tool without its version.
    let tools = [concat!("'pevensie-pg ", env!("CARGO_PKG_VERSION"), "'"), "'pevensie-pg 0'"];
    let chunk = |([module, version, name], text): ([String; 3], String)| {
        let text = tools.iter().fold(text, |text, tool| text.replace(tool, "'pevensie-pg'"));
        Chunk { module, version, name, statements: statements(&text) }
    };
    chunks.into_iter().zip(texts).map(chunk).collect()
}

/// The way back of the hostile migrations, newest first.
fn hostile_downs(ups: &[Chunk]) -> Vec<Chunk> {
    let down = |nth: usize, end: Vec<String>| {
        let up = &ups[nth];
        let mut down = statements(&read(format!("tests/hostile/{}.down.sql", nth + 1)));
        down.push(up.statements[up.statements.len() - 2].replace("'up'", "'down'"));
        down.extend(end);
        Chunk { module: up.module.clone(), version: up.version.clone(), name: up.name.clone(), statements: down }
    };
    let clear = read("sql/ledger/clear_version.sql").replace(":'module'", "'base'");
    let first_again = ups[0].statements.last().expect("it is recorded").clone();
    vec![down(1, vec![first_again]), down(0, statements(&(clear + &read("sql/ledger/drop.sql"))))]
}

/// The statement that makes sure that a module is where a file starts from.
fn guard(module: &str, start: Option<&str>) -> String {
    let start = start.map_or("null".to_owned(), |version| format!("'{version}'"));
    let sql = read("sql/ledger/starts_from.sql").replace(":'module'", &format!("'{module}'")).replace(":start", &start);
    statements(&sql).swap_remove(0)
}

fn number(chunk: &Chunk) -> u64 {
    let rank = MODULES.iter().position(|module| *module == chunk.module).expect("it is one of these");
    chunk.version.parse::<u64>().expect("a version is a number") + rank as u64
}

fn whole(up: &Chunk, down: &Chunk, start: Option<&str>) -> Unit {
    let half = |start, chunk: &Chunk| Half {
        is_outside: false,
        statements: [&[guard(&up.module, start)], &chunk.statements[..]].concat(),
    };
    Unit {
        number: number(up),
        title: format!("pevensie_{}_{}", up.module, up.name),
        up: half(start, up),
        down: Some(half(Some(&up.version), down)),
    }
}

/// The statement that builds the index of a migration without a lock, if it has one.
fn online(chunk: &Chunk) -> Option<String> {
    let path = root().join(format!("sql/{}/{}_{}.online.sql", chunk.module, chunk.version, chunk.name));
    Some(statements(&fs::read_to_string(path).ok()?).swap_remove(0))
}

/// The index, and what makes sure of it and records it.
fn online_units(up: &Chunk, down: &Chunk, start: Option<&str>, create: String, by_psql: &str) -> [Unit; 2] {
    let index = create.split(' ').nth(3).expect("the index has a name").to_owned();
    let discard = format!("drop index concurrently if exists pevensie.{index}");
    let is_verification = |sql: &String| sql.contains(&format!("index pevensie.{index} is missing"));
    let verify = statements(by_psql).into_iter().find(is_verification).expect("psql looks at the index, too");
    let record = |chunk: &Chunk| chunk.statements[chunk.statements.len() - 2..].to_vec();
    let build = Unit {
        number: number(up),
        title: format!("pevensie_{}_{}", up.module, up.name),
        up: Half { is_outside: true, statements: vec![guard(&up.module, start), discard.clone(), create] },
        down: Some(Half { is_outside: true, statements: vec![discard] }),
    };
    let mut recorded = whole(up, down, start);
    recorded.number += 30;
    recorded.title += "_record";
    recorded.up.statements = [vec![guard(&up.module, start), verify], record(up)].concat();
    let back = [vec![guard(&up.module, Some(&up.version))], record(down)].concat();
    recorded.down = Some(Half { is_outside: false, statements: back });
    [build, recorded]
}
