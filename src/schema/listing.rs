//! PostgreSQL's own catalogs → the listing of a schema.

mod functions;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use super::catalog::{Catalog, INVALID, Object};
use crate::migration::rows::{Row, Rows};

/// Why there is no telling what a schema holds.
#[derive(Debug, thiserror::Error)]
pub enum ListingError {
    /// Something was dropped while it was being listed.
    #[error("something was dropped while it was being listed")]
    Dropped,
    /// That is no listing.
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
}

/// Makes the listing from what `sql/introspect/catalog.sql` answers: the same on every server for equal schemas.
///
/// # Errors
/// When that is not what was answered, or something was dropped meanwhile.
pub fn read(rows: &Rows) -> Result<Catalog, ListingError> {
    let listing = Listing::of(rows);
    if listing.has_lost_something() {
        return Err(ListingError::Dropped);
    }
    let mut objects = Vec::new();
    objects.extend(rows.value("namespace").map(|_| entry("schema", "pevensie".to_owned(), String::new())));
    objects.extend(listing.tables());
    objects.extend(listing.columns());
    objects.extend(listing.constraints());
    objects.extend(listing.indexes());
    objects.extend(listing.triggers());
    objects.extend(listing.rules());
    objects.extend(listing.policies());
    objects.extend(types::all(&listing));
    objects.extend(functions::all(&listing));
    objects.extend(listing.others()?);
    Ok(objects.into_iter().collect())
}

type Entry = (Object, String);

/// The rows that belong to something.
fn of<'a>(groups: &Groups<'a>, oid: &str) -> impl Iterator<Item = Row<'a>> {
    groups.get(oid).into_iter().flatten().copied()
}

fn entry(kind: &str, identity: String, definition: String) -> Entry {
    (Object { kind: kind.to_owned(), identity }, definition)
}

/// Joins the parts of a definition that are there.
fn definition<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn when(condition: bool, words: &str) -> Option<&str> {
    condition.then_some(words)
}

/// What was answered, and what of it is not the schema's own.
struct Listing<'a> {
    rows: &'a Rows,
    /// Class and OID of what belongs to an extension.
    extended: BTreeSet<(&'a str, &'a str)>,
    /// The tables, views and the like, all that has columns: by OID.
    relations: BTreeMap<&'a str, Row<'a>>,
    /// What each relation may inherit from.
    parents: Groups<'a>,
    /// The columns of each relation.
    columns: Groups<'a>,
    /// The constraints of each domain.
    checks: Groups<'a>,
    /// The labels of each enum.
    labels: Groups<'a>,
}

/// Rows by the OID of what they belong to: somebody else may have very many.
type Groups<'a> = BTreeMap<&'a str, Vec<Row<'a>>>;

fn groups<'a>(rows: impl Iterator<Item = Row<'a>>, of: &str) -> Groups<'a> {
    let mut groups = Groups::new();
    for row in rows {
        groups.entry(row.text(of)).or_default().push(row);
    }
    groups
}

const RELATION: &str = "1259";
const TYPE: &str = "1247";
const FUNCTION: &str = "1255";

impl<'a> Listing<'a> {
    fn of(rows: &'a Rows) -> Self {
        let members = rows.having("dependent").filter(|row| row.text("dependency") == "e");
        let extended: BTreeSet<_> =
            members.map(|row| (row.text("class_of_dependent"), row.text("dependent"))).collect();
        let has_columns =
            |row: &Row<'_>| row.text("kind") != "S" && !extended.contains(&(RELATION, row.text("relation")));
        let relations = rows.having("relation").filter(has_columns).map(|row| (row.text("relation"), row)).collect();
        let of = |column: &str| groups(rows.having(column), column);
        Self {
            rows,
            extended,
            relations,
            parents: groups(rows.having("parent").filter(|row| row.get("parent").is_some()), "dependent"),
            columns: of("column_of"),
            checks: of("of_domain"),
            labels: of("label_of"),
        }
    }

    /// What was dropped meanwhile is still there in the rows, but has no definition, and a number for a name.
    fn has_lost_something(&self) -> bool {
        let is_deparsed = |row: &Row<'_>| !matches!(row.text("kind"), "n" | "t");
        let constraints = self.rows.having("constraint_of").filter(is_deparsed);
        let indexes = self.rows.having("index_of").filter(|row| row.is("is_deparsed"));
        let triggers = self.rows.having("trigger_of").filter(|row| !row.is("is_internal"));
        let mut defined = constraints.chain(indexes).chain(triggers).chain(self.rows.having("rule_of"));
        let is_number = |name: &str| name.starts_with(|c: char| c.is_ascii_digit());
        let mut named = self.rows.having("index_of").map(|row| row.text("name"));
        let mut parents = self.rows.having("parent").map(|row| row.text("parent"));
        defined.any(|row| row.get("definition").is_none())
            || self.rows.having("default_of").any(|row| row.get("expression").is_none())
            || named.any(is_number)
            || parents.any(is_number)
    }

    fn is_extended(&self, class: &str, oid: &str) -> bool {
        self.extended.contains(&(class, oid))
    }

    /// The name of a relation that has columns.
    fn relation(&self, oid: &str) -> Option<&'a str> {
        self.relations.get(oid).map(|row| row.text("name"))
    }

    /// What belongs to a relation, and is named after it.
    fn part(&self, row: Row<'a>, of: &str) -> Option<String> {
        Some(format!("{}.{}", self.relation(row.text(of))?, row.text("name")))
    }

    fn tables(&self) -> impl Iterator<Item = Entry> {
        let is_owned =
            |row: &Row<'_>| row.text("class_of_dependent") == RELATION && matches!(row.text("dependency"), "a" | "i");
        let owned: BTreeSet<&str> =
            self.rows.having("dependent").filter(is_owned).map(|row| row.text("dependent")).collect();
        let is_own_sequence = |row: &Row<'_>| row.text("kind") == "S" && !owned.contains(row.text("relation"));
        let sequences: Vec<Row<'_>> = self.rows.having("relation").filter(is_own_sequence).collect();
        self.relations.values().copied().chain(sequences).map(|row| self.table(row))
    }

    fn table(&self, row: Row<'a>) -> Entry {
        let kind = match row.text("kind") {
            "r" | "p" => "table",
            "v" => "view",
            "m" => "materialized view",
            "f" => "foreign table",
            _ => "sequence",
        };
        let persistence = match row.text("persistence") {
            "u" => "unlogged",
            "t" => "temporary",
            _ => "logged",
        };
        let partitioned = row.get("partition_key").map(|key| format!("partitioned by {key}"));
        let mut parents: Vec<&str> =
            of(&self.parents, row.text("relation")).map(|child| child.text("parent")).collect();
        parents.sort_unstable();
        let inherits = (!parents.is_empty()).then(|| format!("inherits {}", parents.join(",")));
        let query = row.get("query").map(|query| format!("as {query}"));
        let definition = definition([
            Some(persistence),
            partitioned.as_deref(),
            when(row.is("is_partition"), "partition"),
            when(row.is("has_row_security"), "row-security"),
            when(row.is("forces_row_security"), "force-row-security"),
            inherits.as_deref(),
            query.as_deref(),
        ]);
        entry(kind, row.text("name").to_owned(), definition)
    }

    fn columns(&self) -> impl Iterator<Item = Entry> {
        let not_valid: BTreeSet<(&str, &str)> = self
            .rows
            .having("constraint_of")
            .filter(|row| row.text("kind") == "n" && !row.is("is_validated"))
            .map(|row| (row.text("constraint_of"), row.text("number")))
            .collect();
        let defaults: BTreeMap<(&str, &str), &str> = self
            .rows
            .having("default_of")
            .map(|row| ((row.text("default_of"), row.text("number")), row.text("expression")))
            .collect();
        self.rows.having("column_of").filter_map(move |row| {
            let at = (row.text("column_of"), row.text("number"));
            let collation = row.get("collation").map(|collation| format!("collate {collation}"));
            let nullable = match (row.is("is_not_null"), not_valid.contains(&at)) {
                (false, _) => "null",
                (true, true) => "not null not valid",
                (true, false) => "not null",
            };
            let identity = match row.text("identity") {
                "a" => Some("generated always as identity"),
                "d" => Some("generated by default as identity"),
                _ => None,
            };
            let default = defaults.get(&at).map(|default| {
                let how = match row.text("generated") {
                    "s" => "generated stored",
                    "v" => "generated virtual",
                    _ => "default",
                };
                format!("{how} {default}")
            });
            let definition =
                definition([row.get("type"), collation.as_deref(), Some(nullable), identity, default.as_deref()]);
            Some(entry("column", self.part(row, "column_of")?, definition))
        })
    }

    fn constraints(&self) -> impl Iterator<Item = Entry> {
        let internal = self.rows.having("trigger_of").filter(|row| row.is("is_internal"));
        let disabled: BTreeSet<&str> = internal.map(|row| row.text("constraint")).collect();
        let constraints = self.rows.having("constraint_of").filter(|row| !matches!(row.text("kind"), "n" | "t"));
        constraints.filter_map(move |row| {
            let is_disabled = disabled.contains(row.text("id"));
            let definition = definition([row.get("definition"), when(is_disabled, "/* triggers disabled */")]);
            Some(entry("constraint", self.part(row, "constraint_of")?, definition))
        })
    }

    /// Those that no constraint owns.
    fn indexes(&self) -> impl Iterator<Item = Entry> {
        let owners = self.rows.having("constraint_of").filter(|row| matches!(row.text("kind"), "p" | "u" | "x"));
        let owned: BTreeSet<&str> = owners.map(|row| row.text("index")).collect();
        let indexes = self.rows.having("index_of").filter(move |row| !owned.contains(row.text("id")));
        indexes.filter_map(|row| {
            let name = row.text("name");
            let identity =
                format!("{}.{}", self.relation(row.text("index_of"))?, name.strip_prefix("pevensie.").unwrap_or(name));
            let definition = definition([
                row.get("definition"),
                when(!row.is("is_valid"), INVALID),
                when(!row.is("is_ready"), "/* not ready */"),
            ]);
            Some(entry("index", identity, definition))
        })
    }

    /// Those that people wrote.
    fn triggers(&self) -> impl Iterator<Item = Entry> {
        self.rows.having("trigger_of").filter(|row| !row.is("is_internal")).filter_map(|row| {
            let enabled = row.text("enabled");
            let otherwise = (enabled != "O").then(|| format!("/* enabled={enabled} */"));
            let definition = definition([row.get("definition"), otherwise.as_deref()]);
            Some(entry("trigger", self.part(row, "trigger_of")?, definition))
        })
    }

    fn rules(&self) -> impl Iterator<Item = Entry> {
        let rule = |row: Row<'a>| Some(entry("rule", self.part(row, "rule_of")?, row.text("definition").to_owned()));
        self.rows.having("rule_of").filter_map(rule)
    }

    fn policies(&self) -> impl Iterator<Item = Entry> {
        self.rows.having("policy_of").filter_map(|row| {
            let command = format!("for {}", row.text("command"));
            let condition = row.get("condition").map(|condition| format!("using ({condition})"));
            let check = row.get("check_of_policy").map(|check| format!("with check ({check})"));
            let manner = if row.is("is_permissive") { "permissive" } else { "restrictive" };
            let definition = definition([Some(manner), Some(&command), condition.as_deref(), check.as_deref()]);
            Some(entry("policy", self.part(row, "policy_of")?, definition))
        })
    }

    /// What is seldom in such a schema, by name alone: extensions, operators, text search …
    fn others(&self) -> Result<Vec<Entry>, serde_json::Error> {
        let others: Vec<(String, String, String, String)> = match self.rows.value("others") {
            Some(others) => serde_json::from_str(others)?,
            None => Vec::new(),
        };
        let own = others.into_iter().filter(|(class, oid, ..)| !self.is_extended(class, oid));
        let entry = |(_, _, kind, identity): (String, String, String, String)| {
            let own = identity.strip_prefix("pevensie.").unwrap_or(&identity).to_owned();
            entry(&kind, own, String::new())
        };
        Ok(own.map(entry).collect())
    }
}

#[cfg(test)]
mod tests;
