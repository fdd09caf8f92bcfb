//! `rehearse` proves the migrations on a scratch database, and leaves nothing behind.

mod address;
mod failing;
mod server;

use std::sync::Mutex;
use std::time::Duration;

use postgres::{Client, NoTls};

use crate::support::{Database, Server, run_on, within};

/// A role that may create databases, so that its own can be told from those of others.
struct Rehearser<'d, 's> {
    database: &'d Database<'s>,
    server: &'s Server,
    role: String,
    /// Who connects to a scratch database stays until the end.
    clients: Mutex<Vec<Client>>,
}

impl<'d, 's> Rehearser<'d, 's> {
    fn new(server: &'s Server, database: &'d Database<'s>) -> Self {
        let role = database.role("rehearser", "createdb");
        Self { database, server, role, clients: Mutex::default() }
    }

    fn url(&self) -> String {
        self.database.url_as(&self.role)
    }

    /// Its address, with every session beginning a second late, so that somebody can come in between.
    fn slow_url(&self) -> String {
        format!("{}?options=-c%20post_auth_delay%3D1", self.url())
    }

    fn run(&self, arguments: &[&str]) -> crate::support::Output {
        run_on(&self.url(), &[&["rehearse"], arguments].concat()).run()
    }

    /// The databases that it owns now.
    fn scratch(&self) -> String {
        self.database.query_text(&format!(
            "select datname from pg_database where datdba = '{}'::regrole order by datname",
            self.role
        ))
    }

    /// Waits until its scratch database is there, runs statements in it as superuser, and stays connected.
    fn meddle(&self, sql: &str) -> String {
        let mut client = None;
        within(Duration::from_secs(60), "the scratch database is there", || {
            let name = self.scratch();
            let url = format!("postgres://postgres@127.0.0.1:{}/{name}", self.server.port);
            client = if name.is_empty() { None } else { Client::connect(&url, NoTls).ok() };
            client.is_some()
        });
        let mut client = client.expect("waited for");
        client.batch_execute(sql).expect("a superuser may do it");
        let row = client.query_one("select current_database()::text", &[]).expect("it answers");
        self.clients.lock().expect("no thread died holding it").push(client);
        row.get(0)
    }

    fn leave(&self) {
        self.clients.lock().expect("no thread died holding it").clear();
    }
}

/// Makes an event trigger that does something after statements of one kind about one object.
fn after(tag: &str, object: &str, action: &str) -> String {
    format!(
        "create function public.meddle() returns event_trigger language plpgsql security definer as $$
         begin
           if exists (select from pg_event_trigger_ddl_commands() c
                      where c.command_tag = '{tag}' and c.object_identity = '{object}') then
             {action};
           end if;
         end $$;
         create event trigger meddle on ddl_command_end execute function public.meddle()"
    )
}
