//! What a program gets that uses the crate: few items, none of which shows how the rest is made.

#[cfg(feature = "deadpool")]
mod applied;
#[cfg(feature = "deadpool")]
mod error;
#[cfg(feature = "deadpool")]
mod event;
mod migrations;
#[cfg(feature = "deadpool")]
mod migrator;
#[cfg(feature = "deadpool")]
mod status;

#[cfg(feature = "deadpool")]
pub use applied::Applied;
#[cfg(feature = "deadpool")]
pub use error::{Error, ErrorKind};
#[cfg(feature = "deadpool")]
pub use event::Event;
pub use migrations::{Migration, migrations, sql};
#[cfg(feature = "deadpool")]
pub use migrator::Migrator;
#[cfg(feature = "deadpool")]
pub use status::{Status, status};
