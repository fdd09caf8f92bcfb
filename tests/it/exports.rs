//! `print --format`: our migrations as the files of other tools.

mod folder;
mod rules;
mod tools;
