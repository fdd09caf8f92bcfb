//! Which objects our own scripts create and drop, read from the scripts themselves.
//!
//! This is no SQL parser: `sql/` is written so that every statement starts at the beginning of a line, in lower case, and
//! qualifies what it names. A test holds the result against the catalog of a real server.

/// An object in the schema `pevensie`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// Its name, without the schema and without quotes.
    pub name: String,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A table.
    Table,
    /// A type.
    Type,
    /// An index.
    Index,
    /// A function.
    Function,
}

/// Returns what a script creates under a name that must be free, the indexes of its constraints last; overloaded functions
/// once each.
#[must_use]
pub fn created(sql: &str) -> Vec<Object> {
    let indexes = sql.lines().filter_map(index_of_constraint);
    let new = sql.lines().filter(|line| !line.starts_with("create or replace "));
    new.filter_map(|line| object(line.strip_prefix("create ")?)).chain(indexes).collect()
}

/// Returns what a script drops, in order.
#[must_use]
pub fn dropped(sql: &str) -> Vec<Object> {
    sql.lines().filter_map(|line| object(line.trim_start().strip_prefix("drop ")?)).collect()
}

/// Returns what has to be there for a script to change it, in order; what it creates itself is not among it.
#[must_use]
pub fn changed(sql: &str) -> Vec<Object> {
    let new = created(sql);
    let of_line = |line: &str| match line.strip_prefix("create or replace ").or(line.strip_prefix("alter ")) {
        Some(rest) => object(rest),
        None => indexed(line).map(|table| Object { kind: Kind::Table, name: table.to_owned() }),
    };
    sql.lines().filter_map(of_line).filter(|object| !new.contains(object)).collect()
}

/// Returns the table that the index is on which a statement creates.
#[must_use]
pub fn indexed(statement: &str) -> Option<&str> {
    let rest = statement.strip_prefix("create ")?;
    let (_, on) = rest.strip_prefix("unique ").unwrap_or(rest).strip_prefix("index ")?.split_once(" on ")?;
    Some(name(on))
}

/// Returns the name that a text begins with, without the schema and without quotes.
#[must_use]
pub fn name(text: &str) -> &str {
    let name = text.split([' ', '\n', '(', ';']).next().unwrap_or_default();
    name.strip_prefix("pevensie.").unwrap_or(name).trim_matches('"')
}

/// The index that a constraint brings along under its own name.
fn index_of_constraint(line: &str) -> Option<Object> {
    let (_, constraint) = line.split_once("constraint ")?;
    let (name, definition) = constraint.split_once(' ')?;
    let has_index = definition.starts_with("primary key") || definition.starts_with("unique");
    has_index.then(|| Object { kind: Kind::Index, name: name.to_owned() })
}

fn object(rest: &str) -> Option<Object> {
    let mut words = rest.split([' ', '(', ';']).filter(|word| !matches!(*word, "unique" | "unlogged" | "concurrently"));
    let kind = match words.next()? {
        "table" => Kind::Table,
        "type" => Kind::Type,
        "index" => Kind::Index,
        "function" => Kind::Function,
        _ => return None,
    };
    Some(Object { kind, name: name(words.next()?).to_owned() })
}

#[cfg(test)]
mod tests {
    use super::super::bundle::Bundle;
    use super::super::module::Module;
    use super::*;

    fn list(objects: &[Object]) -> String {
        objects.iter().map(|o| format!("{:?} {}", o.kind, o.name).to_lowercase()).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn our_scripts_say_what_they_create_and_drop() {
        let bundle = Bundle::embedded();
        let of = |module| bundle.of(module).next().unwrap();
        for (module, up, down) in [
            (Module::Base, "function uuid7, function uuid7", "function uuid7, function uuid7"),
            (
                Module::Auth,
                "table user, index user_email_unique_idx, index user_phone_number_unique_idx, table session, \
                 type one_time_token_type, table one_time_token, index one_time_token_token_hash_idx, \
                 index one_time_token_user_id_token_type_unique_idx, index user_pkey, index session_pkey, \
                 index one_time_token_pkey",
                "table one_time_token, type one_time_token_type, table session, table user",
            ),
            (Module::Cache, "table cache, index cache_key_key, index cache_pkey", "table cache"),
        ] {
            assert_eq!(list(&created(&of(module).up)), up);
            assert_eq!(list(&dropped(&of(module).down)), down);
            assert_eq!(changed(&of(module).up), []);
        }
    }

    #[test]
    fn our_scripts_say_what_they_change() {
        for (sql, expected) in [
            ("create or replace function pevensie.uuid7() returns uuid", "function uuid7"),
            ("alter table pevensie.\"user\" add column x int", "table user"),
            ("create unique index concurrently a on pevensie.session (id)", "table session"),
            ("create table pevensie.t (id int);\ncreate index a on pevensie.t (id)", ""),
            ("drop table pevensie.t", ""),
            ("create table pevensie.t (a int constraint t_index references pevensie.u (id) on delete cascade)", ""),
        ] {
            assert_eq!(list(&changed(sql)), expected, "{sql}");
        }
        assert_eq!(created("create or replace function pevensie.uuid7() returns uuid"), []);
    }
}
