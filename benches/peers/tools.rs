//! The tools that are compared.

mod dbmate;
mod diesel;
mod liquibase;
mod migra;
mod node_pg_migrate;
mod ours;
mod psql;
mod refinery;
mod sqitch;
mod sqlx;

pub use dbmate::TOOL as DBMATE;
pub use migra::TOOL as MIGRA;
pub use ours::TOOL as OURS;
pub use psql::TOOL as PSQL;
pub use sqlx::TOOL as SQLX;

use super::tool::Tool;

/// All of them, in the order of the report: ours first.
pub const ALL: [&Tool; 10] = [
    &OURS,
    &PSQL,
    &SQLX,
    &refinery::TOOL,
    &diesel::TOOL,
    &DBMATE,
    &node_pg_migrate::TOOL,
    &sqitch::TOOL,
    &liquibase::TOOL,
    &MIGRA,
];
