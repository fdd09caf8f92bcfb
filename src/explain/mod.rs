//! What happened in a database, in words: the same for whoever types a command and whoever calls the library.

pub mod error;
pub mod event;
pub mod kind;
mod obstacle;
