//! Installs, upgrades, checks and removes the PostgreSQL schema of the Pevensie framework, without the BEAM.
//!
//! The binary `pevensie-pg` is a thin shell over [`run`]. A service that is written in Rust can do without it and migrate at
//! its own start, over its own pool of [`deadpool_postgres`](https://docs.rs/deadpool-postgres): that is `Migrator`, with the
//! feature `deadpool`, which is off by default.
//!
//! ```toml
//! [dependencies]
//! pevensie-pg = { version = "0.1", features = ["deadpool"] }
//! ```
//!
//! What the crate carries can be looked at without a database: [`migrations`] and [`sql`].
//!
//! Apart from [`run`], which is the tool, nothing here prints, listens for signals or reads the environment. Within a minor
//! version the items below are only added to; enums and structs that may grow say so.

#![cfg_attr(
    feature = "deadpool",
    doc = r#"
# At the start of a service

```
# mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/pool.rs")); }
# doc::on_a_server(async |pool| {
use pevensie_pg::{Migrator, Module};

let applied = Migrator::new([Module::Auth, Module::Cache]).apply(&pool).await?;
println!("{applied}");

let status = pevensie_pg::status(&pool, [Module::Auth, Module::Cache]).await?;
assert!(status.is_good(), "{status}");
# Ok(())
# });
```
"#
)]
#![forbid(unsafe_code)]

#[cfg(not(unix))]
compile_error!("pevensie-pg is for Unix: it knows sockets, signals and the modes of files");

mod cli;
mod explain;
mod export;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod library;
mod migration;
mod pg;
mod render;
mod schema;

pub use cli::run;
#[cfg(feature = "deadpool")]
pub use library::{Applied, Error, ErrorKind, Event, Migrator, Status, status};
pub use library::{Migration, migrations, sql};
pub use migration::module::{Module, UnknownModule};
#[cfg(feature = "deadpool")]
pub use migration::status::Verdict;
pub use migration::version::{InvalidVersion, Version};

/// The page about the library, whose code is compiled and run.
#[cfg(all(doctest, feature = "deadpool"))]
#[doc = include_str!("../docs/library.md")]
struct LibraryPage;
