//! Everything that talks to PostgreSQL.

pub mod apply;
pub mod connect;
pub mod database;
pub mod decide;
pub mod error;
pub mod holder;
pub mod interrupt;
pub mod lock;
pub mod look;
pub mod options;
#[cfg(feature = "deadpool")]
pub mod pool;
pub mod scratch;
pub mod session;
pub mod source;
pub mod state;
mod tls;
pub mod transaction;
