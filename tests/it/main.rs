//! Everything that touches a server or the command line, tested for real.
//!
//! Run by `scripts/test`, which starts the servers.

mod adoption;
mod bench;
mod catalogs;
mod cli;
mod concurrency;
mod connections;
mod delivery;
mod docs;
mod drift;
mod exports;
mod faults;
mod generated;
mod generations;
mod grants;
mod hints;
mod history;
mod house;
mod install;
mod library;
mod lints;
mod many;
mod old_server;
mod online;
mod output;
mod passwords;
mod preflight;
mod prompts;
mod rehearse;
mod round_trips;
mod screens;
mod standby;
mod support;
mod terminal;
mod tools;
mod upgrade;
mod upstream;
mod verified;
