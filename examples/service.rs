//! A service that brings its schema up to date before it serves, over the pool that it serves from.
//!
//! ```sh
//! DATABASE_URL=postgres://app@localhost/shop cargo run --features deadpool --example service
//! ```
//!
//! It tells everybody who connects to `LISTEN`, by default `127.0.0.1:8080`, how many entries the cache has. Ctrl-C or
//! SIGTERM ends it at any point, also while it migrates.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use deadpool_postgres::{Config, Pool, Runtime};
use pevensie_pg::{Migrator, Module};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_postgres::NoTls;

#[tokio::main]
async fn main() -> ExitCode {
    // A migration that is dropped on its way leaves nothing half-done.
    let ended = tokio::select! {
        ended = run() => ended,
        () = asked_to_stop() => Ok(()),
    };
    let Err(error) = ended else { return ExitCode::SUCCESS };
    eprintln!("error: {error}");
    match error.downcast_ref::<pevensie_pg::Error>() {
        Some(error) => {
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(error.kind().exit_code())
        }
        None => ExitCode::FAILURE,
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let url = env::var("DATABASE_URL").map_err(|error| format!("DATABASE_URL: {error}"))?;
    let config = Config { url: Some(url), ..Config::default() };
    let pool = config.create_pool(Some(Runtime::Tokio1), NoTls)?;

    let migrator = Migrator::new([Module::Auth, Module::Cache]);
    let applied = migrator.apply_telling(&pool, |event| eprintln!("{event}")).await?;
    if applied.is_empty() {
        eprintln!("the schema is up to date");
    }

    serve(&pool).await
}

async fn serve(pool: &Pool) -> Result<(), Box<dyn Error>> {
    let address = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let listener = TcpListener::bind(address).await?;
    eprintln!("listening on {}", listener.local_addr()?);
    loop {
        let (mut stream, _) = listener.accept().await?;
        let answer = match entries(pool).await {
            Ok(entries) => format!("ok: {entries} entries in the cache\n"),
            Err(error) => format!("not ok: {error}\n"),
        };
        if let Err(error) = stream.write_all(answer.as_bytes()).await {
            eprintln!("cannot answer: {error}");
        }
    }
}

async fn entries(pool: &Pool) -> Result<i64, Box<dyn Error>> {
    let client = pool.get().await?;
    let live = "select count(*) from pevensie.cache where expires_at is null or expires_at > now()";
    Ok(client.query_one(live, &[]).await?.get(0))
}

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};

    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else { return std::future::pending().await };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
