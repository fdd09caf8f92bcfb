//! What a script makes, takes away and replaces, by name.

use squawk_syntax::SyntaxKind::{self, *};
use squawk_syntax::SyntaxNode;

use super::script::{Finding, Script, child, name, shown};

#[derive(Default)]
pub(super) struct Effects {
    pub(super) makes: Vec<Object>,
    pub(super) takes: Vec<Object>,
    pub(super) replaces: Vec<Object>,
    /// Changes of which nothing here knows what undoes them.
    pub(super) unknown: Vec<Finding>,
}

pub(super) struct Object {
    pub(super) name: String,
    /// The table with which it goes.
    pub(super) table: Option<String>,
}

impl Object {
    fn new(kind: &str, name: &str) -> Self {
        Self { name: format!("{kind} {name}"), table: None }
    }

    fn of_table(kind: &str, name: &str, table: &str) -> Self {
        Self { name: format!("{kind} {name} of {table}"), table: Some(format!("table {table}")) }
    }
}

const STATEMENTS: &[SyntaxKind] = &[
    ALTER_TABLE,
    CREATE_FUNCTION,
    CREATE_INDEX,
    CREATE_SCHEMA,
    CREATE_TABLE,
    CREATE_TYPE,
    DROP_FUNCTION,
    DROP_INDEX,
    DROP_SCHEMA,
    DROP_TABLE,
    DROP_TYPE,
];

pub(super) fn effects(script: &Script) -> Effects {
    let mut effects = Effects::default();
    for (tree, node) in script.nodes(STATEMENTS) {
        let all = |kind: SyntaxKind, word: &str| -> Vec<Object> {
            let named = node.descendants().filter(|node| node.kind() == kind);
            named.map(|node| Object::new(word, &name(&node))).collect()
        };
        match node.kind() {
            CREATE_SCHEMA => effects.makes.extend(all(SCHEMA, "schema")),
            CREATE_TABLE => effects.makes.extend(all(TABLE_NAME, "table")),
            CREATE_TYPE => effects.makes.extend(all(TYPE_NAME, "type")),
            CREATE_INDEX => effects.makes.extend(index(&node)),
            CREATE_FUNCTION if child(&node, OR_REPLACE).is_some() => effects.replaces.extend(function(&node)),
            CREATE_FUNCTION => effects.makes.extend(function(&node)),
            DROP_SCHEMA => effects.takes.extend(all(SCHEMA_REF, "schema")),
            DROP_TABLE => effects.takes.extend(all(TABLE_NAME_REF, "table")),
            DROP_TYPE => effects.takes.extend(all(TYPE_NAME_REF, "type")),
            DROP_INDEX => effects.takes.extend(all(INDEX_REF, "index")),
            DROP_FUNCTION => {
                let signatures = node.descendants().filter(|node| node.kind() == FUNCTION_SIG);
                effects.takes.extend(signatures.filter_map(|signature| function(&signature)));
            }
            _ => {
                let table = child(&node, TABLE_NAME_REF).map(|table| name(&table)).unwrap_or_default();
                for change in node.children().filter(|child| child.kind() != TABLE_RELATION_NAME) {
                    if !effects.add_change(&table, &change) {
                        let words = format!("no rule knows what undoes {}", shown(&change));
                        effects.unknown.push(script.finding(tree, &change, words));
                    }
                }
            }
        }
    }
    effects
}

impl Effects {
    /// What an `alter table` does; whether that is known.
    fn add_change(&mut self, table: &str, change: &SyntaxNode) -> bool {
        let of_table = |word, kind| Some(Object::of_table(word, &name(&child(change, kind)?), table));
        let (effects, object) = match change.kind() {
            ADD_CONSTRAINT => (&mut self.makes, of_table("constraint", CONSTRAINT_NAME)),
            DROP_CONSTRAINT => (&mut self.takes, of_table("constraint", CONSTRAINT_NAME_REF)),
            ADD_COLUMN => (&mut self.makes, of_table("column", COLUMN_NAME)),
            DROP_COLUMN => (&mut self.takes, of_table("column", COLUMN_NAME_REF)),
            ALTER_COLUMN if child(change, SET_NOT_NULL).is_some() => {
                (&mut self.makes, of_table("not null", COLUMN_NAME_REF))
            }
            ALTER_COLUMN if child(change, DROP_NOT_NULL).is_some() => {
                (&mut self.takes, of_table("not null", COLUMN_NAME_REF))
            }
            _ => return false,
        };
        let is_known = object.is_some();
        effects.extend(object);
        is_known
    }
}

/// An index goes by the name by which it is dropped.
fn index(statement: &SyntaxNode) -> Option<Object> {
    let (index, table) = (name(&child(statement, INDEX)?), name(&child(statement, TABLE_NAME_REF)?));
    let (schema, _) = table.split_once('.')?;
    Some(Object { name: format!("index {schema}.{index}"), table: Some(format!("table {table}")) })
}

/// A function goes by its name and the types of its arguments.
fn function(statement: &SyntaxNode) -> Option<Object> {
    let named = child(statement, FUNCTION_NAME).or_else(|| child(statement, FUNCTION_NAME_REF))?;
    let parameters = child(statement, PARAM_LIST)?;
    let parameters = parameters.children().filter(|node| node.kind() == PARAM);
    let types: Vec<String> = parameters
        .filter_map(|parameter| parameter.children().find(|node| [PATH_TYPE, ARRAY_TYPE].contains(&node.kind())))
        .map(|node| name(&node))
        .collect();
    Some(Object::new("function", &format!("{}({})", name(&named), types.join(", "))))
}
