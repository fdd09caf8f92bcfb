//! Functions, procedures and aggregates.

use sha2::{Digest, Sha256};

use super::{Entry, FUNCTION, Listing, definition, entry, when};
use crate::migration::rows::Row;

pub(super) fn all<'a>(listing: &'a Listing<'_>) -> impl Iterator<Item = Entry> + 'a {
    let own = |row: &Row<'_>| !listing.is_extended(FUNCTION, row.text("function"));
    listing.rows.having("function").filter(own).map(|row| {
        let kind = match row.text("kind") {
            "f" => "function",
            "p" => "procedure",
            "a" => "aggregate",
            _ => "window function",
        };
        let identity = format!("{}({})", row.text("name"), row.text("arguments"));
        let set = if row.is("is_set") { "setof " } else { "" };
        let returns = format!("returns {set}{}", row.text("returns"));
        let language = listing.rows.having("language").find(|known| known.text("language") == row.text("language_of"));
        let language = language.map(|language| format!("language {}", language.text("name")));
        let volatility = match row.text("volatility") {
            "i" => "immutable",
            "s" => "stable",
            _ => "volatile",
        };
        let parallel = match row.text("parallel") {
            "s" => "parallel safe",
            "r" => "parallel restricted",
            _ => "parallel unsafe",
        };
        let settings = row.get("settings").map(|settings| format!("set {settings}"));
        let body = (kind != "aggregate").then(|| format!("sha256 {}", hash(row.text("body"))));
        let definition = definition([
            Some(returns.as_str()),
            language.as_deref(),
            Some(volatility),
            Some(parallel),
            when(row.is("is_strict"), "strict"),
            when(row.is("is_security_definer"), "security definer"),
            when(row.is("is_leakproof"), "leakproof"),
            settings.as_deref(),
            body.as_deref(),
        ]);
        entry(kind, identity, definition)
    })
}

/// The SHA-256 of a body without carriage returns and outer blanks.
fn hash(body: &str) -> String {
    let body = body.replace('\r', "");
    hex::encode(Sha256::digest(body.trim_matches([' ', '\t', '\n'])))
}
