//! Migrations → the text that other tools run. Pure: no I/O. One file for each format.

pub mod psql;
pub mod sql;
