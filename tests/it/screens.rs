//! The screens of every command, on a terminal of 80 columns, as `docs/messages.md` has them.

use crate::support::{Database, FIRST, Folder, Terminal, assert_chapter, constant, newest, servers};

/// A chapter that is being written.
struct Screens {
    text: String,
}

impl Screens {
    fn heading(&mut self, title: &str) {
        self.text.extend(["### ", title, "\n\n"]);
    }

    /// Shows what is on the terminal after a command that ends with this exit code.
    fn show(&mut self, database: &Database<'_>, typed: &str, code: i32) {
        self.show_as(&database.url(), typed, code);
    }

    fn show_as(&mut self, url: &str, typed: &str, code: i32) {
        let terminal = Terminal::run_in(80, typed, &[("DATABASE_URL", url)]);
        self.add(terminal, typed, code);
    }

    /// Answers a question.
    fn answer(&mut self, database: &Database<'_>, typed: &str, (question, answer): (&str, &str), code: i32) {
        let mut terminal = Terminal::run_in(80, typed, &[("DATABASE_URL", &database.url())]);
        terminal.wait_for_question(question);
        terminal.press(answer);
        self.add(terminal, typed, code);
    }

    fn add(&mut self, terminal: Terminal, typed: &str, code: i32) {
        let (ended, screen) = terminal.end_on_screen();
        assert_eq!(ended, code, "{typed}: {}", screen.text());
        let code = if code == 0 { String::new() } else { format!(" exit {code}") };
        self.text += &constant(format!("```text{code}\n$ pevensie-pg {typed}\n{}\n```\n\n", screen.text().trim_end()));
    }
}

#[test]
fn every_screen_is_in_the_messages() {
    let mut screens = Screens { text: String::new() };
    installing(&mut screens);
    upgrading(&mut screens);
    rolling_back(&mut screens);
    comparing(&mut screens);
    adopting(&mut screens);
    granting(&mut screens);
    printing(&mut screens);
    rehearsing(&mut screens);
    assert_chapter("Screens", &screens.text);
}

fn installing(screens: &mut Screens) {
    let database = servers()[0].database();
    screens.heading("Installing");
    screens.show(&database, "status", 0);
    screens.show(&database, "status --check", 3);
    screens.show(&database, "migrate auth cache > /dev/null", 0);
    screens.show(&database, "migrate auth cache --apply", 0);
    screens.show(&database, "migrate auth cache --apply", 0);
    screens.show(&database, "migrate cache", 0);
    screens.show(&database, "status --check", 0);
    screens.show(&database, "status cache --history", 0);
    screens.show(&database, "status --quiet cache", 0);
    screens.show(&database, "migrate auth@20991231000000", 2);
    let app = database.role("app", "");
    let other = servers()[0].database();
    screens.show_as(&other.url_as(&app), "migrate auth > /dev/null", 0);
    screens.show_as(&other.url_as(&app), "migrate auth --apply", 1);
}

fn upgrading(screens: &mut Screens) {
    let database = servers()[0].database();
    let first = format!("migrate auth@{FIRST} cache@{FIRST} base@{FIRST} --apply --quiet");
    screens.heading("Upgrading");
    screens.show(&database, &first, 0);
    screens.show(&database, "status --check", 3);
    screens.show(&database, "migrate auth cache > /dev/null", 0);
    screens.show(&database, "migrate auth --apply", 0);
    screens.show(&database, "migrate cache --apply --single-transaction", 0);
    let held = servers()[0].database();
    let lock = held.hold_lock();
    screens.show(&held, "migrate base --apply --lock-wait=10ms", 6);
    drop(lock);
}

fn rolling_back(screens: &mut Screens) {
    let database = servers()[0].database();
    screens.heading("Rolling back");
    database.run(&["migrate", "auth", "cache", "--apply"]).run().ok();
    database.execute("insert into pevensie.cache (resource_type, key, value) values ('page', 'a', '')");
    screens.show(&database, "rollback auth > /dev/null", 0);
    screens.show(&database, "rollback auth --apply --yes", 0);
    screens.answer(&database, "rollback cache@0 --apply", ("[y/N]", "n"), 130);
    screens.answer(&database, "rollback cache@0 --apply", ("[y/N]", "y"), 0);
    screens.show(&database, "rollback base@0 --apply --yes", 2);
    screens.show(&database, &format!("rollback auth@{} --apply --yes", newest("base")), 2);
    screens.show(&database, "rollback auth@0 base@0 --apply --yes", 0);
    screens.show(&database, "rollback auth@0 base@0 --apply --yes", 0);
}

fn comparing(screens: &mut Screens) {
    let database = servers()[0].database();
    screens.heading("Comparing");
    database.run(&["migrate", "auth", "cache", "--apply"]).run().ok();
    database.execute("create index cache_value_idx on pevensie.cache (value)");
    screens.show(&database, "status --check", 0);
    screens.show(&database, "status --check --strict", 5);
    database.execute("alter table pevensie.cache alter value drop not null");
    screens.show(&database, "status --check", 5);
    screens.show(&database, "migrate cache --apply", 0);
    let edited = servers()[0].database();
    edited.run(&["migrate", "base", "--apply"]).run().ok();
    edited.execute("update pevensie.module_version set checksum = repeat('0', 64)");
    screens.show(&edited, "status --check", 4);
    screens.show(&edited, "migrate cache --apply", 4);
    let (here, there) = (database.url(), edited.url());
    screens.show(&database, &format!("status --check --addr={here} --addr={there}"), 4);
    screens.show(&database, &format!("migrate base --apply --addr={here} --addr={there}"), 4);
}

fn adopting(screens: &mut Screens) {
    let database = servers()[0].database();
    screens.heading("Adopting");
    database.run(&["migrate", "cache", "--apply"]).run().ok();
    database.execute("drop table pevensie.module_version, pevensie.migration_log; drop type pevensie.module");
    screens.show(&database, "status --check", 3);
    screens.show(&database, "migrate cache --apply", 1);
    screens.show(&database, "migrate cache --adopt > /dev/null", 0);
    database.execute("alter table pevensie.cache alter value drop not null");
    screens.show(&database, "status", 0);
    screens.show(&database, "migrate cache --adopt --apply", 5);
    database.execute("alter table pevensie.cache alter value set not null");
    screens.show(&database, "migrate cache --adopt --apply", 0);
}

fn granting(screens: &mut Screens) {
    let database = servers()[0].database();
    let app = database.role("app", "");
    screens.heading("Granting");
    screens.show(&database, &format!("migrate cache --apply --quiet --grant-to={app}"), 0);
    screens.show(&database, &format!("status --check --app-role={app}"), 0);
    database.execute(&format!("revoke delete on pevensie.cache from {app}; grant create on schema pevensie to {app}"));
    screens.show(&database, &format!("status --check --app-role={app}"), 5);
    screens.show(&database, &format!("migrate cache --grant-to={app}"), 0);
    screens.show(&database, &format!("migrate cache --apply --grant-to={app}"), 0);
    screens.show(&database, &format!("status --check --app-role={app}"), 0);
    screens.show(&database, "status --app-role=nobody_of_that_name", 1);
}

fn printing(screens: &mut Screens) {
    let (database, folder) = (servers()[0].database(), Folder::new());
    let folder = folder.path().display().to_string();
    let print = |words: &str| screens_of_folder(&database, words, &folder);
    let shown = [
        print("print cache --format=dbmate --out=FOLDER"),
        print("print cache --format=dbmate --out=FOLDER"),
        print("print base --from=20241222140532 | head -3"),
        print("print base --from=20261121041000"),
    ];
    screens.heading("Printing");
    screens.text += &shown.concat();
}

fn screens_of_folder(database: &Database<'_>, typed: &str, folder: &str) -> String {
    let mut screens = Screens { text: String::new() };
    screens.show(database, &typed.replace("FOLDER", folder), 0);
    screens.text.replace(folder, "db/migrations")
}

fn rehearsing(screens: &mut Screens) {
    let database = servers()[0].database();
    screens.heading("Rehearsing");
    screens.show(&database, "rehearse cache", 0);
}
