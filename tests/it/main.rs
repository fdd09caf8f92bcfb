//! Everything that touches a server or the command line, tested for real.
//!
//! Run by `scripts/test`, which starts the servers.

mod adoption;
mod bench;
mod catalogs;
mod cli;
mod concurrency;
mod connections;
mod drift;
mod generated;
mod hints;
mod history;
mod house;
mod install;
mod old_server;
mod output;
mod passwords;
mod preflight;
mod prompts;
mod readme;
mod replica;
mod standby;
mod support;
mod tools;
mod upstream;
mod verified;
