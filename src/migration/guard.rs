//! What makes a script sure that it fits.

use super::module::Level;

const GUARD: &str = include_str!("../../sql/ledger/guard.sql");

/// Writes the statement that takes the lock and compares what is recorded with what a script starts from.
#[must_use]
pub fn guard(start: &[Level]) -> String {
    let row = |(module, version): &Level| match version {
        Some(version) => format!("('{module}', '{version}')"),
        None => format!("('{module}', null)"),
    };
    GUARD.replace(":start", &start.iter().map(row).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::preflight::OLDEST_SERVER;
    use super::*;

    #[test]
    fn a_script_refuses_the_servers_that_the_tool_refuses() {
        assert!(GUARD.contains(&format!("< {OLDEST_SERVER}0000 then")));
        assert!(GUARD.contains(&format!("needs {OLDEST_SERVER} or newer")));
    }
}
