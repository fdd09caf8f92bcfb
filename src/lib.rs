//! Installs, upgrades, checks and removes the PostgreSQL schema of the Pevensie framework, without the BEAM.
//!
//! The binary `pevensie-pg` is a thin shell over [`run`].

mod cli;
mod export;
mod migration;
mod pg;
mod render;
mod schema;

pub use cli::run;
