//! A database that lives as long as its test.

use std::sync::Mutex;

use postgres::{Client, NoTls, SimpleQueryMessage};

use super::server::Server;
use super::unique;

/// A database of a test's own, dropped at the end together with its roles.
pub(crate) struct Database<'s> {
    server: &'s Server,
    name: String,
    roles: Mutex<Vec<String>>,
}

impl<'s> Database<'s> {
    pub(super) fn create(server: &'s Server) -> Self {
        // template0, because nobody can be connected to it.
        Self::create_as(server, "template0")
    }

    fn create_as(server: &'s Server, template: &str) -> Self {
        let name = unique("db");
        // Copied as files, which takes the least time without fsync.
        server
            .client()
            .batch_execute(&format!("create database {name} template {template} strategy file_copy"))
            .expect("the database can be created");
        Self { server, name, roles: Mutex::default() }
    }

    /// Another one with the same content. Nobody may be connected to this one.
    pub(crate) fn copy(&self) -> Self {
        Self::create_as(self.server, &self.name)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its address for the superuser, over TCP.
    pub(crate) fn url(&self) -> String {
        self.url_as("postgres")
    }

    pub(crate) fn url_as(&self, role: &str) -> String {
        self.server.url(role, &self.name)
    }

    /// Its address for the superuser, by the unix socket.
    pub(crate) fn socket_url(&self) -> String {
        let Server { socket, port, .. } = self.server;
        format!("postgres://postgres@/{}?host={}&port={port}", self.name, socket.display())
    }

    /// A superuser's session.
    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.url(), NoTls).expect("the database answers")
    }

    /// Runs statements as superuser.
    pub(crate) fn execute(&self, sql: &str) {
        self.client().batch_execute(sql).unwrap_or_else(|error| panic!("{error:?}\nin {sql}"));
    }

    /// What a query returns to the superuser: a line per row, `|` between values, nothing for null.
    pub(crate) fn query_text(&self, sql: &str) -> String {
        let lines: Vec<_> = self.query(sql).iter().map(|row| row.join("|")).collect();
        lines.join("\n")
    }

    pub(super) fn query(&self, sql: &str) -> Vec<Vec<String>> {
        let messages = self.client().simple_query(sql).unwrap_or_else(|error| panic!("{error:?}\nin {sql}"));
        messages
            .into_iter()
            .filter_map(|message| if let SimpleQueryMessage::Row(row) = message { Some(row) } else { None })
            .map(|row| (0..row.len()).map(|column| row.get(column).unwrap_or_default().to_owned()).collect())
            .collect()
    }

    /// Creates a role that may log in, `options` being those of `CREATE ROLE`, and returns its name.
    pub(crate) fn role(&self, prefix: &str, options: &str) -> String {
        let role = unique(prefix);
        self.execute(&format!("create role {role} login {options}"));
        self.roles.lock().expect("no thread died holding it").push(role.clone());
        role
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // The database first: with it goes what the roles own in it. The rest is what they were granted elsewhere.
        let roles = self.roles.get_mut().map(std::mem::take).unwrap_or_default();
        let drop_roles = roles.iter().map(|role| format!("drop owned by {role}; drop role {role}"));
        let statements = std::iter::once(format!("drop database {} with (force)", self.name)).chain(drop_roles);
        // The server may be what the test has stopped, and a panic here would hide the test's own.
        let Ok(mut client) = Client::connect(&self.server.url("postgres", "postgres"), NoTls) else { return };
        for statement in statements {
            if let Err(error) = client.batch_execute(&statement) {
                eprintln!("could not clean up: {statement}: {error}");
            }
        }
    }
}
