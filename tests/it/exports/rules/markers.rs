//! Which comments mean something to which tool.

/// The words with which a comment for Liquibase begins.
const LIQUIBASE: [&str; 13] = [
    "liquibase",
    "changeset",
    "rollback",
    "comment",
    "property",
    "precondition",
    "validchecksum",
    "ignore",
    "include",
    "labels",
    "context",
    "logicalfilepath",
    "endrollback",
];

/// Whether a tool could take a line for its own: rather one too many than one too few.
pub(super) fn is_marker(format: &str, line: &str) -> bool {
    let lower = line.trim_start().to_lowercase();
    let comment = lower.strip_prefix("--").map(str::trim_start);
    let begins = |words: &[&str]| comment.is_some_and(|comment| words.iter().any(|word| comment.starts_with(word)));
    match format {
        "dbmate" => begins(&["migrate:"]),
        "sqlx" => begins(&["no-transaction"]),
        "diesel" => lower.starts_with("run_in_transaction"),
        "goose" => lower.contains("+goose") && !lower.contains("statement"),
        "tern" => lower.starts_with("----"),
        "atlas" => lower.contains("atlas:"),
        "flyway" => lower.starts_with("executeintransaction"),
        // What it is rolled back by is a marker in each line.
        "liquibase" => begins(&LIQUIBASE) && !line.starts_with("--rollback "),
        "graphile-migrate" => lower.starts_with("--!"),
        "node-pg-migrate" => comment.is_some_and(|comment| {
            let words: Vec<&str> =
                comment.trim_start_matches(|c: char| c == '-' || c.is_whitespace()).split_whitespace().collect();
            matches!(words[..], ["up" | "down", migration, ..] if migration.starts_with("migration"))
        }),
        "ecto" => lower.starts_with('@'),
        "cigogne" => lower.contains("migration:") && lower.contains("---"),
        "refinery" | "golang-migrate" | "sqitch" => begins(&["+", "!", "refinery", "migrate:", "no-transaction"]),
        _ => panic!("{format} is new: which lines does it take for its own? Say so here, and below which there are"),
    }
}

/// What of a marker is the same in each file.
pub(super) fn constant<'l>(format: &str, line: &'l str) -> &'l str {
    match line.split_once("pevensie_") {
        Some((constant, _)) if format == "liquibase" => constant,
        _ => line,
    }
}

/// The markers of a file, in order.
pub(super) fn expected(format: &str, path: &str, is_outside: bool) -> &'static [&'static str] {
    match (format, is_outside) {
        ("dbmate", false) => &["-- migrate:up", "-- migrate:down"],
        ("dbmate", true) => &["-- migrate:up transaction:false", "-- migrate:down transaction:false"],
        ("sqlx", true) => &["-- no-transaction"],
        ("diesel", true) if path.ends_with("metadata.toml") => &["run_in_transaction = false"],
        ("goose", false) => &["-- +goose Up", "-- +goose Down"],
        ("goose", true) => &["-- +goose NO TRANSACTION", "-- +goose Up", "-- +goose Down"],
        ("tern", true) => {
            &["---- tern: disable-tx ----", "---- create above / drop below ----", "---- tern: disable-tx ----"]
        }
        ("tern", false) => &["---- create above / drop below ----"],
        ("atlas", true) => &["-- atlas:txmode none"],
        ("flyway", true) if path.ends_with(".sql.conf") => &["executeInTransaction=false"],
        ("liquibase", _) => &["--liquibase formatted sql", "--changeset pevensie:"],
        ("node-pg-migrate", false) => &["-- Up Migration", "-- Down Migration"],
        ("ecto", true) => &["  @disable_ddl_transaction true", "  @disable_migration_lock true"],
        ("cigogne", false) => &["--- migration:up", "--- migration:down", "--- migration:end"],
        ("cigogne", true) => &["--- migration:up:disable_transaction", "--- migration:down", "--- migration:end"],
        _ => &[],
    }
}
