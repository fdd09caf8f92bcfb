//! Installs, upgrades, checks and removes the PostgreSQL schema of the Pevensie framework, without the BEAM.
//!
//! The binary `pevensie-pg` is a thin shell over [`run`].

#![forbid(unsafe_code)]

mod cli;
mod explain;
mod export;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod migration;
mod pg;
mod render;
mod schema;

pub use cli::run;
