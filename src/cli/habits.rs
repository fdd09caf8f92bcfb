//! What those want to say who are used to another migration tool.

use clap::error::{ContextKind, ContextValue};

/// Returns what a command or an option is called here that a wrong command line has by another tool's name.
pub fn meant(error: &clap::Error) -> Option<&'static str> {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word),
        _ => None,
    };
    let word = word(ContextKind::InvalidSubcommand).or_else(|| word(ContextKind::InvalidArg))?;
    match word.split('=').next().unwrap_or_default() {
        "up" | "apply" | "deploy" | "install" | "upgrade" | "run" => {
            Some("to install or upgrade, run: pevensie-pg migrate MODULE... --apply")
        }
        "down" | "drop" | "revert" | "reset" | "uninstall" => {
            Some("to go back, run: pevensie-pg rollback MODULE[@VERSION]... --apply")
        }
        "check" | "verify" | "validate" | "diff" | "info" => Some("to compare, run: pevensie-pg status --check"),
        "dump" | "export" => Some("to write the SQL, run: pevensie-pg print MODULE..."),
        "--url" | "--database-url" | "--database" | "-u" | "-d" => {
            Some("the address of the database goes behind --addr")
        }
        "--dry-run" | "--plan" => Some("nothing is changed without --apply"),
        _ => None,
    }
}
