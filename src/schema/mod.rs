//! What a schema is, what it should be, and what differs. Pure: no I/O.

pub mod adoption;
pub mod catalog;
pub mod drift;
pub mod expected;
pub mod listing;
pub mod promise;
pub mod repair;
pub mod rights;
pub mod verdict;
