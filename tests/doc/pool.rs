// What the examples of the documentation run on, out of sight: a database of their own on the first server of
// `scripts/servers`.

use std::error::Error;

use deadpool_postgres::{Config, Pool, Runtime};
use tokio_postgres::NoTls;

pub fn on_a_server(example: impl AsyncFnOnce(Pool) -> Result<(), Box<dyn Error>>) {
    let servers = std::env::var("PEVENSIE_PG_TEST_SERVERS").expect(
        "PEVENSIE_PG_TEST_SERVERS is not set: run the tests by scripts/test, or run this first: \
         eval \"$(scripts/servers start)\"",
    );
    let (_, port) = servers.split_whitespace().next().and_then(|first| first.split_once('=')).expect("VERSION=PORT …");
    let since = std::time::UNIX_EPOCH.elapsed().expect("it is after 1970");
    let name = format!("doc_p{}_{}", std::process::id(), since.as_nanos());
    let pool = |database: &str| {
        let url = Some(format!("postgres://postgres@127.0.0.1:{port}/{database}"));
        Config { url, ..Config::default() }.create_pool(Some(Runtime::Tokio1), NoTls).expect("the address is complete")
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("there are threads");
    runtime.block_on(async {
        let server = pool("postgres").get().await.expect("the server answers");
        server.batch_execute(&format!("create database {name}")).await.expect("it can be created");
        let ended = example(pool(&name)).await;
        server.batch_execute(&format!("drop database {name} with (force)")).await.expect("it can be dropped");
        ended.expect("the example does what it says");
    });
}
