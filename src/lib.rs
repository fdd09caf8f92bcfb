//! Installs, upgrades, checks and removes the PostgreSQL schema of the Pevensie framework.
pub mod migration;
