//! Every name says in which schema it is: whatever the `search_path`, it means what it should.
//!
//! Operators are not looked at: hardly anybody could read them if they were qualified. Nor are names within strings, as
//! in `'pg_catalog.pg_class'::pg_catalog.regclass`.

use squawk_syntax::SyntaxKind::{self, *};
use squawk_syntax::SyntaxNode;

use super::script::{Finding, Script, child, name, shown, tokens};

const OURS: &str = "pevensie";
const SYSTEM: &str = "pg_catalog";

/// Types that are words of the grammar. They are always the server's own; one spelling for all types reads better.
const TYPES: &[SyntaxKind] =
    &[VARCHAR_TYPE, CHARACTER_TYPE, BIT_TYPE, BIT_VARYING_TYPE, DOUBLE_TYPE, TIME_TYPE, TIMESTAMP_TYPE, INTERVAL_TYPE];

/// What looks like a function and is none that a schema could have.
const SYNTAX: &[SyntaxKind] =
    &[EXTRACT_FN, EXISTS_FN, ANY_FN, ALL_FN, SOME_FN, COALESCE_KW, GREATEST_KW, LEAST_KW, NULLIF_KW];

/// Where PostgreSQL takes no schema.
const WITHOUT_SCHEMA: &[SyntaxKind] = &[CONFIG_PARAMETER_REF, CONSTRAINT_NAME_REF, INDEX];

/// What is only used here, and may be the server's.
const USED: &[SyntaxKind] = &[PATH_TYPE, OP, COLLATION_REF, OP_CLASS_REF];

pub(super) fn findings(script: &Script) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (tree, node) in script.nodes(&[PATH, PATH_REF, CALL_EXPR, SCHEMA, SCHEMA_REF]) {
        let words = match node.kind() {
            CALL_EXPR => function(&node),
            SCHEMA | SCHEMA_REF => (name(&node) != OURS).then(|| format!("the schema {} is not ours", name(&node))),
            _ => path(&node, &tree.root),
        };
        findings.extend(words.map(|words| script.finding(tree, &node, words)));
    }
    for (tree, node) in script.nodes(TYPES) {
        findings.push(script.finding(tree, &node, format!("the type {} is not qualified", shown(&node))));
    }
    findings
}

fn path(node: &SyntaxNode, root: &SyntaxNode) -> Option<String> {
    let parent = node.parent().expect("a path is a part of something");
    let around = parent.parent().expect("and that of a statement").kind();
    if [PATH, PATH_REF].contains(&parent.kind()) // only a part of a path
        || WITHOUT_SCHEMA.contains(&parent.kind())
        || [TABLE_RENAME_TO, USING_INDEX_NAME].contains(&around)
    {
        return None;
    }
    let name = name(node);
    let is_read = around == RELATION_FROM_ITEM;
    let is_with = |node: SyntaxNode| node.kind() == CTE_NAME && super::script::name(&node) == name;
    if is_read && root.descendants().any(is_with) {
        return None;
    }
    match name.split_once('.') {
        None => Some(format!("{name} is not qualified")),
        Some((OURS, _)) => None,
        Some((SYSTEM, _)) if is_read || USED.contains(&parent.kind()) => None,
        Some((SYSTEM, _)) => Some(format!("{name} is not ours to change")),
        Some(_) => Some(format!("{name} is in another schema")),
    }
}

fn function(node: &SyntaxNode) -> Option<String> {
    let callee = node.first_child().expect("a call calls something");
    let word = tokens(&callee).first().expect("and that has a name").kind();
    if SYNTAX.contains(&callee.kind()) || callee.kind() == NAME_REF && SYNTAX.contains(&word) {
        return None;
    }
    if callee.kind() != FIELD_EXPR {
        return Some(format!("the function {} is not qualified", shown(&callee)));
    }
    let schema = child(&callee, NAME_REF).map(|schema| name(&schema));
    let known = schema.is_some_and(|schema| [OURS, SYSTEM].contains(&schema.as_str()));
    (!known).then(|| format!("the function {} is in another schema", shown(&callee)))
}
