//! Everything that talks to PostgreSQL.

pub mod apply;
pub mod connect;
pub mod database;
pub mod decide;
pub mod error;
pub mod holder;
pub mod interrupt;
pub mod lock;
pub mod options;
pub mod scratch;
pub mod session;
pub mod state;
mod tls;
