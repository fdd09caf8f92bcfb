//! Values → text for people and machines. Pure: no I/O.
//!
//! Human text always carries its colours as ANSI sequences; whoever prints it strips them where they are not wanted.

pub mod annotation;
pub mod drift;
pub mod json;
pub mod loss;
pub mod many;
pub mod paint;
pub mod problem;
pub mod rehearsal;
pub mod status;
pub mod steps;
pub mod table;
pub mod time;

use std::fmt::Display;

use crate::migration::surroundings::Server;

/// `PostgreSQL 15.18`, without what its packager adds.
#[must_use]
pub fn postgresql(server: &Server) -> String {
    format!("PostgreSQL {}", server.version.split(' ').next().unwrap_or_default())
}

/// Writes how many of something there are.
#[must_use]
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, what: &str) -> String {
    if count == N::from(1) { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_called_by_its_product_and_number() {
        let server = Server { version: "15.18 (Debian 15.18-1.pgdg12+1)".to_owned(), ..Server::default() };
        assert_eq!(postgresql(&server), "PostgreSQL 15.18");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "grant")), ["0 grants", "1 grant", "2 grants"]);
    }
}
