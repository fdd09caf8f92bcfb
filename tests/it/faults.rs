//! Whatever happens to the client, the network, the pooler or the server: the database is at a version that the ledger
//! names, with the schema of that version, nobody is locked out, and the same command again finishes the job.
//!
//! `scripts/faults` runs the long form of these tests and prints what [`report`] has gathered as a table.

mod crowds;
mod cuts;
mod kills;
mod privileges;
pub(crate) mod proxy;
mod report;
mod scenario;
mod secrets;
mod surroundings;
mod tls;
mod waiting;
