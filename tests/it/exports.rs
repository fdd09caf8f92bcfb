//! `print --format`: our migrations as the files of other tools.

mod tools;
