//! What a statement may be, wherever it stands, and what it may do to tables that have rows already.

use squawk_syntax::SyntaxKind::{self, *};
use squawk_syntax::SyntaxNode;

use super::script::{Finding, Script, child, name, shown, tokens, words};

/// The statements that stay within the schema when the names in them do. Another kind is not wrong: somebody has to
/// think about it, here and in `effects`.
const KNOWN: &[SyntaxKind] = &[
    ALTER_TABLE,
    CREATE_FUNCTION,
    CREATE_INDEX,
    CREATE_TABLE,
    CREATE_TYPE,
    DELETE,
    DO,
    DROP_FUNCTION,
    DROP_INDEX,
    DROP_TABLE,
    DROP_TYPE,
    INSERT,
    LOCK,
    SELECT,
    UPDATE,
];

/// What only the ledger's scripts do besides, and the one that grants.
const OF_THE_LEDGER: &[SyntaxKind] = &[CLOSE, CREATE_SCHEMA, DROP_SCHEMA, FETCH, GRANT, SET];

const TRANSACTION_CONTROL: &[SyntaxKind] = &[
    BEGIN,
    COMMIT_PREPARED,
    COMMIT_TRANSACTION,
    PREPARE_TRANSACTION,
    RELEASE_SAVEPOINT,
    ROLLBACK_PREPARED,
    ROLLBACK_TO_SAVEPOINT,
    ROLLBACK_TRANSACTION,
    SAVEPOINT_CREATE,
    SET_TRANSACTION,
    PLPGSQL_COMMIT_STMT,
    PLPGSQL_ROLLBACK_STMT,
];

/// What reads or rewrites the whole table under a lock when it is done to a table that is there already.
const SCANS: &[SyntaxKind] = &[
    CHECK_CONSTRAINT,
    EXCLUDE_CONSTRAINT,
    FOREIGN_KEY_CONSTRAINT,
    GENERATED_CONSTRAINT,
    NOT_NULL_CONSTRAINT,
    PRIMARY_KEY_CONSTRAINT,
    REFERENCES_CONSTRAINT,
    SET_EXPRESSION,
    SET_LOGGED,
    SET_NOT_NULL,
    SET_TYPE,
    SET_UNLOGGED,
    UNIQUE_CONSTRAINT,
    VALIDATE_CONSTRAINT,
];

/// What runs in a transaction that the caller begins and ends.
pub(super) fn findings(script: &Script, of_the_ledger: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (tree, node) in script.nodes(&[SOURCE_FILE, PLPGSQL_EXEC_SQL_STMT, ATOMIC_BODY]) {
        for statement in node.children() {
            let kind = statement.kind();
            let known = KNOWN.contains(&kind) || of_the_ledger && OF_THE_LEDGER.contains(&kind);
            if !known && !TRANSACTION_CONTROL.contains(&kind) {
                let words = format!("no rule knows what {} does", shown(&statement));
                findings.push(script.finding(tree, &statement, words));
            }
        }
    }
    for (tree, node) in script.nodes(TRANSACTION_CONTROL) {
        findings.push(script.finding(tree, &node, format!("{} is the caller's", shown(&node))));
    }
    for (tree, node) in script.nodes(&[SET]) {
        if child(&node, LOCAL_SCOPE).is_none() {
            findings.push(script.finding(tree, &node, format!("{} is not local", shown(&node))));
        }
    }
    for (tree, node) in script.nodes(&[CASCADE]) {
        if !node.parent().is_some_and(|parent| [ON_DELETE_ACTION, ON_UPDATE_ACTION].contains(&parent.kind())) {
            findings.push(script.finding(tree, &node, "cascade may take what is not ours"));
        }
    }
    for (tree, tokens) in script.trees.iter().map(|tree| (tree, tokens(&tree.root))) {
        for token in tokens.iter().filter(|token| token.kind() == CONCURRENTLY_KW) {
            let parent = token.parent().expect("a token is a part of something");
            findings.push(script.finding(tree, &parent, "concurrently does not work in a transaction"));
        }
    }
    findings
}

/// What runs by itself, without a transaction.
pub(super) fn online_findings(script: &Script) -> Vec<Finding> {
    let statements: Vec<_> = script.trees.iter().flat_map(|tree| tree.root.children()).collect();
    let [statement] = statements.as_slice() else {
        return vec![(1, format!("{} statements where there must be one", statements.len()))];
    };
    let mut findings = Vec::new();
    if statement.kind() != CREATE_INDEX || !words(statement).any(|word| word.kind() == CONCURRENTLY_KW) {
        findings.push((1, format!("{} is not `create index concurrently`", shown(statement))));
    }
    if child(statement, IF_NOT_EXISTS).is_some() {
        findings.push((1, "`if not exists` would take an invalid index for a good one".to_owned()));
    }
    findings
}

/// What keeps others waiting for as long as a table is large, unless the script has just created it.
pub(super) fn scans(script: &Script, is_online_too: bool) -> Vec<Finding> {
    let created: Vec<String> = script.nodes(&[CREATE_TABLE]).filter_map(|(_, node)| table(&node, TABLE_NAME)).collect();
    let mut findings = Vec::new();
    for (tree, node) in script.nodes(&[CREATE_INDEX, ALTER_TABLE]) {
        let Some(table) = table(&node, TABLE_NAME_REF).filter(|table| !created.contains(table)) else { continue };
        if node.kind() == CREATE_INDEX && !is_online_too {
            let words = format!("an index is built on {table}, which was there before, and there is no .online.sql");
            findings.push(script.finding(tree, &node, words));
        } else if node.kind() == ALTER_TABLE {
            for change in node.descendants().filter(scans_the_table) {
                findings.push(script.finding(tree, &change, format!("{} scans {table}", shown(&change))));
            }
        }
    }
    findings
}

fn table(statement: &SyntaxNode, kind: SyntaxKind) -> Option<String> {
    child(statement, kind).map(|table| name(&table))
}

fn scans_the_table(change: &SyntaxNode) -> bool {
    let kind = change.kind();
    let column = change.parent().filter(|parent| parent.kind() == ADD_COLUMN);
    let default = column.and_then(|column| child(&column, DEFAULT_CONSTRAINT));
    if kind == DEFAULT_CONSTRAINT {
        return child(change, CALL_EXPR).is_some(); // which may be volatile: then each row gets a value of its own
    }
    let is_put_off = [NOT_VALID, USING_INDEX_NAME].into_iter().any(|kind| child(change, kind).is_some());
    SCANS.contains(&kind) && !is_put_off && !(kind == NOT_NULL_CONSTRAINT && default.is_some())
}
