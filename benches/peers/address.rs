//! Where a database is, and by which way.

use std::path::PathBuf;

use serde::Serialize;

/// How the server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// Not at all.
    None,
    /// By its unix socket.
    Socket,
    /// By 127.0.0.1.
    Loopback,
    /// By 127.0.0.1, with [`super::rounds::DELAY`] added each way.
    Distant,
}

/// A way to the server.
#[derive(Clone, Debug)]
pub struct Way {
    /// What kind of way it is.
    pub transport: Transport,
    /// The folder of the unix socket, where it is by one.
    pub socket: Option<PathBuf>,
    /// The port.
    pub port: u16,
}

/// A database, by a way.
#[derive(Clone, Debug)]
pub struct Address {
    way: Way,
    /// The name of the database.
    pub database: String,
}

impl Way {
    /// A database by this way.
    pub fn to(&self, database: &str) -> Address {
        Address { way: self.clone(), database: database.to_owned() }
    }
}

impl Address {
    /// Its URL for the superuser, without TLS.
    pub fn url(&self) -> String {
        let Self { way: Way { socket, port, .. }, database } = self;
        match socket {
            None => format!("postgres://postgres@127.0.0.1:{port}/{database}?sslmode=disable"),
            // The user in front would make a URL without a host, which some tools refuse.
            Some(socket) => {
                let socket = socket.display();
                format!("postgres:///{database}?host={socket}&port={port}&user=postgres&sslmode=disable")
            }
        }
    }

    /// Its host and port as libpq's variables have them.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let Way { socket, port, .. } = &self.way;
        let host = socket.as_ref().map_or_else(|| "127.0.0.1".to_owned(), |socket| socket.display().to_string());
        let fixed = [("PGUSER", "postgres"), ("PGSSLMODE", "disable")].map(|(name, value)| (name, value.to_owned()));
        [("PGHOST", host), ("PGPORT", port.to_string())].into_iter().chain(fixed).collect()
    }

    /// Its URL for Java.
    pub fn jdbc(&self) -> String {
        let Self { way: Way { port, .. }, database } = self;
        format!("jdbc:postgresql://127.0.0.1:{port}/{database}?sslmode=disable")
    }
}
