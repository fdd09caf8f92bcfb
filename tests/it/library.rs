//! The library over the pool of a service.

mod clients;
mod dropped;
mod fresh;
mod refusals;
mod service;
mod surface;
mod upgrade;

use std::time::Duration;

use deadpool_postgres::{Config, Pool, PoolConfig, Runtime};
use pevensie_pg::{Applied, Error, Migrator, Module};
use tokio_postgres::NoTls;

use crate::support::Database;

/// Runs something asynchronous, with the tasks that it leaves behind going on beside the test.
pub(crate) fn wait_for<T>(runtime: &tokio::runtime::Runtime, work: impl Future<Output = T>) -> T {
    let work = async { tokio::time::timeout(Duration::from_secs(120), work).await };
    runtime.block_on(work).expect("it ends")
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().expect("there are threads")
}

pub(crate) fn pool_at(url: &str, max_size: usize) -> Pool {
    let config = Config { url: Some(url.to_owned()), pool: Some(PoolConfig::new(max_size)), ..Config::default() };
    config.create_pool(Some(Runtime::Tokio1), NoTls).expect("the address is complete")
}

fn pool(database: &Database<'_>, max_size: usize) -> Pool {
    pool_at(&database.url(), max_size)
}

/// Everything, for one try.
pub(crate) fn migrator() -> Migrator {
    Migrator::new([Module::Auth, Module::Cache])
}

/// Applies over a pool of its own.
fn apply(database: &Database<'_>, migrator: &Migrator) -> Result<Applied, Error> {
    let runtime = runtime();
    wait_for(&runtime, async { migrator.apply(&pool(database, 4)).await })
}
