//! Everything that touches a server or the command line, tested for real.
//!
//! Run by `scripts/test`, which starts the servers.

mod bench;
mod catalogs;
mod connections;
mod house;
mod readme;
mod support;
