//! What differs from what a ledger says, and in which order.

use super::*;
use crate::migration::ledger::Row;
use crate::migration::surroundings::IndexState;
use crate::migration::version::Version;

const FIRST: &str = "20241222140532";

fn object(kind: &str, identity: &str) -> Object {
    Object { kind: kind.to_owned(), identity: identity.to_owned() }
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

/// A database that is as its ledger says, and which objects of it are changed.
struct Case {
    bundle: Bundle,
    ledger: Ledger,
    live: Vec<(Object, String)>,
}

impl Case {
    fn at(levels: &[(Module, &str)]) -> Self {
        let bundle = Bundle::of_november_2026();
        let levels: Vec<_> = levels.iter().map(|&(module, at)| (module, version(at))).collect();
        let ledger = Ledger::assumed(&levels);
        let expected = Expected::of_database(&bundle, &ledger);
        let live = expected.objects().map(|(object, right)| (object.clone(), right[0].clone())).collect();
        Self { bundle, ledger, live }
    }

    fn without(mut self, kind: &str, identity: &str) -> Self {
        self.live.retain(|(there, _)| *there != object(kind, identity));
        self
    }

    fn with(mut self, kind: &str, identity: &str, definition: &str) -> Self {
        self.live.push((object(kind, identity), definition.to_owned()));
        self
    }

    /// Each difference, in the order in which they are listed.
    fn differences(&self) -> Vec<String> {
        let live = self.live.iter().cloned().collect();
        of_database(&self.bundle, &self.ledger, &live).iter().map(ToString::to_string).collect()
    }
}

/// Everything at its newest version.
fn newest() -> Case {
    let newest =
        [(Module::Base, "20261121041000"), (Module::Auth, "20261121041200"), (Module::Cache, "20261121041400")];
    Case::at(&newest)
}

#[test]
fn what_is_as_it_should_be_does_not_differ() {
    assert_eq!(newest().differences(), [""; 0]);
    assert_eq!(Case::at(&[(Module::Base, FIRST)]).differences(), [""; 0]);
    let mut nothing = newest();
    nothing.ledger = Ledger::Absent;
    assert_eq!(nothing.differences(), [""; 0], "nothing says what should be there");
}

#[test]
fn a_table_is_spoken_of_as_a_whole() {
    let mut case = newest();
    case.live.retain(|(there, _)| there.identity != "session" && !there.identity.starts_with("session."));
    assert_eq!(case.differences(), ["table pevensie.session is missing"]);
    let view = newest().with("view", "mine", "select 1").with("column", "mine.a", "integer null");
    assert_eq!(view.differences(), ["view pevensie.mine is extra"]);
    // What is changed about it is said of each of its parts.
    let changed = newest().with("table", "cache", "logged").with("column", "cache.value", "text null");
    assert_eq!(changed.differences(), ["table pevensie.cache was changed", "column pevensie.cache.value was changed"]);
    // It is not that of a table whose name only begins so.
    let other = newest().with("table", "mine", "logged").with("column", "cache.mine", "integer null");
    assert_eq!(other.differences(), ["table pevensie.mine is extra", "column pevensie.cache.mine is extra"]);
}

#[test]
fn what_others_are_built_on_comes_first() {
    let mut case = newest().with("enum", "one_time_token_type", "").with("trigger", "cache.mine", "x");
    for (kind, identity) in [
        ("function", "uuid7()"),
        ("column", "cache.value"),
        ("constraint", "cache.cache_pkey"),
        ("index", "cache.cache_expires_at_idx"),
    ] {
        case = case.without(kind, identity);
    }
    case.live.retain(|(there, _)| there.identity != "session" && !there.identity.starts_with("session."));
    assert_eq!(
        case.differences(),
        [
            "enum pevensie.one_time_token_type was changed",
            "function pevensie.uuid7() is missing",
            "table pevensie.session is missing",
            "column pevensie.cache.value is missing",
            "constraint pevensie.cache.cache_pkey is missing",
            "index pevensie.cache.cache_expires_at_idx is missing",
            "trigger pevensie.cache.mine is extra",
        ]
    );
    let no_schema = newest().without("schema", "pevensie").without("enum", "module").differences();
    assert_eq!(no_schema, ["schema pevensie is missing", "enum pevensie.module is missing"]);
}

#[test]
fn what_an_earlier_version_had_is_obsolete() {
    let constraint = ("constraint", "cache.cache_key_key", "UNIQUE (key)");
    let with = |case: Case| case.with(constraint.0, constraint.1, constraint.2).differences();
    assert_eq!(with(newest()), ["constraint pevensie.cache.cache_key_key is obsolete"]);
    assert_eq!(with(Case::at(&[(Module::Base, FIRST), (Module::Cache, FIRST)])), [""; 0], "there it belongs");
}

const USER_ID: &str = "CREATE INDEX session_user_id_idx ON pevensie.session USING btree (user_id)";

#[test]
fn another_index_of_a_name_that_is_pending_is_no_begun_one() {
    let first = [(Module::Base, FIRST), (Module::Auth, FIRST)];
    let index = |name: &str| Index { name: name.to_owned(), state: IndexState::Complete };
    let indexes = [index("session_user_id_idx"), index("session_expires_at_idx")];
    for table in ["session", "\"user\""] {
        let identity = format!("{table}.session_user_id_idx");
        let case = Case::at(&first).with("index", &identity, &format!("CREATE INDEX ON {table} (id)"));
        let live = case.live.iter().cloned().collect();
        let differences = of_database(&case.bundle, &case.ledger, &live);
        let found = format!("CREATE INDEX ON {table} (id)");
        let changed = Change::Changed { expected: USER_ID.to_owned(), found };
        assert_eq!(differences, [Difference { object: object("index", &identity), change: changed }]);
        assert_eq!(without_different(&indexes, &differences), indexes[1..]);
    }
    // It has no more to do with an index than that its name is taken.
    let constraint = Case::at(&first).with("constraint", "session.session_user_id_idx", "UNIQUE (user_id)");
    assert_eq!(constraint.differences(), ["constraint pevensie.session.session_user_id_idx is extra"]);
    assert_eq!(without_different(&indexes, &[]), indexes);
}

#[test]
fn what_is_nobodys_surplus_is_left_out() {
    let first = [(Module::Base, FIRST), (Module::Auth, FIRST)];
    for definition in [USER_ID, "CREATE INDEX session_user_id_idx ON x /* invalid */"] {
        let begun = Case::at(&first).with("index", "session.session_user_id_idx", definition);
        assert_eq!(begun.differences(), [""; 0], "it is begun");
    }
    let mine = |case: Case| case.with("index", "session.mine", "CREATE INDEX").differences();
    assert_eq!(mine(Case::at(&first)), ["index pevensie.session.mine is extra"]);
    let cache = |case: Case| case.with("table", "cache", "unlogged").differences();
    assert_eq!(cache(Case::at(&first)), [""; 0], "it may be adopted");
    // Of what else a version has that is not known here, nobody knows.
    for (module, at) in [("auth", "20991231000000"), ("news", FIRST)] {
        let mut unknown = Case::at(&first[..1]);
        let Ledger::Current { rows, .. } = &mut unknown.ledger else { panic!("it has a ledger") };
        rows.push(Row { module: module.to_owned(), version: at.to_owned(), checksum: None });
        assert_eq!(mine(unknown), [""; 0], "{module}");
    }
    let missing = Case::at(&first).without("enum", "one_time_token_type").differences();
    assert_eq!(missing, ["enum pevensie.one_time_token_type is missing"]);
}
