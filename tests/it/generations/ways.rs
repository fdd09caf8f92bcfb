//! Every way between two versions, up and down: what it arrives at is what a fresh installation of that version is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Database, MODULES, Server, catalog, contents, each_server};

/// As many as there are modules.
const COUNT: usize = MODULES.len();

/// The versions of each module, oldest first, with "0" for none before them; and all of them in the order of installation.
struct Known {
    versions: [Vec<String>; COUNT],
    order: Vec<(usize, String)>,
}

/// Asks the binary for its migrations.
fn known(database: &Database<'_>) -> Known {
    let status: Value =
        serde_json::from_str(&database.run(&["status", "--json"]).run().ok().stdout).expect("it is JSON");
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    let order: Vec<(usize, String)> = status["known"]
        .as_array()
        .expect("it lists its migrations")
        .iter()
        .map(|migration| {
            let module = MODULES.iter().position(|module| migration["module"] == *module);
            (module.expect("a module of ours"), text(&migration["version"]))
        })
        .collect();
    let versions = std::array::from_fn(|module| {
        let of_module = order.iter().filter(|(of, _)| *of == module).map(|(_, version)| version.clone());
        std::iter::once("0".to_owned()).chain(of_module).collect()
    });
    Known { versions, order }
}

/// How many migrations of each module there are.
type State = [usize; COUNT];

/// A database on its way, and what it is held against.
struct Way<'s> {
    server: &'s Server,
    known: &'s Known,
    database: Database<'s>,
    at: State,
    /// What a fresh installation of a state is.
    fresh: BTreeMap<State, String>,
    empty: String,
}

/// Every object, and every module's version and checksum: what is left of [`contents`] without the log of the way.
fn schema(database: &Database<'_>) -> String {
    let mut objects = String::new();
    for (kind, identity, definition) in catalog(database) {
        objects.extend([&*kind, "|", &*identity, "|", &*definition, "\n"]);
    }
    if objects.contains("table|module_version|") {
        objects +=
            &database.query_text("select module, version, checksum from pevensie.module_version order by module");
    }
    objects
}

impl<'s> Way<'s> {
    fn new(server: &'s Server, known: &'s Known) -> Self {
        let database = server.database();
        let empty = contents(&database);
        Self { server, known, database, at: [0; COUNT], fresh: BTreeMap::new(), empty }
    }

    fn target(&self, module: usize, to: usize) -> String {
        format!("{}@{}", MODULES[module], self.known.versions[module][to])
    }

    /// Brings one module to where it has so many migrations, by naming the version, and looks around there.
    fn go(&mut self, module: usize, to: usize) {
        let target = self.target(module, to);
        // Where base is not named it comes along up to its newest, which is another way: named, it stays.
        let base = self.target(0, self.at[0]);
        if to < self.at[module] {
            self.step(&["rollback", &target, "--apply", "--yes"], "down", module, to);
        } else if module == 0 {
            self.step(&["migrate", &target, "--apply"], "up", module, to);
        } else {
            self.step(&["migrate", &base, &target, "--apply"], "up", module, to);
        }
    }

    fn step(&mut self, command: &[&str], action: &str, module: usize, to: usize) {
        let before = self.at;
        self.database.run(command).run().ok();
        self.at[module] = to;
        let way = format!("{command:?} from {before:?}");
        self.look_around(&way);
        if self.at != [0; COUNT] {
            let steps = before[module].abs_diff(to);
            let last = format!(
                "select module, action, count(*) from (select * from pevensie.migration_log order by id desc limit {steps}) l
                 group by 1, 2"
            );
            assert_eq!(self.database.query_text(&last), format!("{}|{action}|{steps}", MODULES[module]), "{way}");
        }
    }

    fn look_around(&mut self, way: &str) {
        let status = self.database.run(&["status", "--check", "--strict", "--json"]).run();
        let found: Value =
            serde_json::from_str(&status.stdout).unwrap_or_else(|_| panic!("{way}: {}", status.snapshot()));
        assert_eq!((&found["drift"], &found["faults"]), (&json!([]), &json!([])), "{way}");
        let is_newest = |module: usize| [0, self.known.versions[module].len() - 1].contains(&self.at[module]);
        let is_good = self.at != [0; COUNT] && (0..COUNT).all(is_newest);
        assert_eq!(status.code, if is_good { 0 } else { 3 }, "{way}: {}", status.snapshot());
        if self.at == [0; COUNT] {
            assert_eq!(contents(&self.database), self.empty, "{way}");
        } else {
            assert_eq!(schema(&self.database), *self.fresh(), "{way}");
        }
    }

    /// What a new database is that went to this state at once.
    fn fresh(&mut self) -> &String {
        let targets =
            (0..COUNT).filter(|&module| self.at[module] > 0).map(|module| self.target(module, self.at[module]));
        let targets: Vec<String> = targets.collect();
        self.fresh.entry(self.at).or_insert_with(|| {
            let database = self.server.database();
            let mut command = vec!["migrate", "--apply"];
            command.extend(targets.iter().map(String::as_str));
            database.run(&command).run().ok();
            schema(&database)
        })
    }

    /// Goes from every version of a module to every other one, each way once.
    fn between_all(&mut self, module: usize) {
        for to in round_trip(self.known.versions[module].len()) {
            self.go(module, to);
        }
    }
}

/// A tour that begins and ends at 0 and goes from each of so many points to each other one exactly once.
///
/// Between a point and each higher one it goes there and back, from the lowest on: 0 1 (1 2 (2 3 2) 1 3 1) 0 2 0 3 0.
fn round_trip(points: usize) -> Vec<usize> {
    fn from(point: usize, points: usize, tour: &mut Vec<usize>) {
        for other in point + 1..points {
            tour.push(other);
            if other == point + 1 {
                from(other, points, tour);
            }
            tour.push(point);
        }
    }
    let mut tour = Vec::new();
    from(0, points, &mut tour);
    tour
}

#[test]
fn a_round_trip_goes_every_way_once() {
    for points in 1..6 {
        let tour: Vec<usize> = std::iter::once(0).chain(round_trip(points)).collect();
        let mut ways: Vec<_> = tour.windows(2).map(|way| (way[0], way[1])).collect();
        ways.sort_unstable();
        let all = (0..points).flat_map(|from| (0..points).map(move |to| (from, to))).filter(|(from, to)| from != to);
        assert_eq!(ways, all.collect::<Vec<_>>());
        assert_eq!(tour.last(), Some(&0));
    }
}

#[test]
fn every_version_is_reached_from_every_other_one() {
    each_server(|server| {
        let known = known(&server.database());
        let mut way = Way::new(server, &known);
        way.between_all(0);
        assert_eq!(way.at, [0; COUNT]);
        // The others stand on base, on its oldest as on its newest.
        let bases = [1, known.versions[0].len() - 1];
        for (module, base) in (1..COUNT).zip(bases.into_iter().cycle()) {
            way.go(0, base);
            way.between_all(module);
            way.go(0, 0);
        }
        assert_eq!(contents(&way.database), "");
    });
}

#[test]
fn one_migration_at_a_time_up_and_down_again() {
    each_server(|server| {
        let known = known(&server.database());
        let mut way = Way::new(server, &known);
        for (module, _) in &known.order {
            way.go(*module, way.at[*module] + 1);
        }
        assert_eq!(way.at.to_vec(), known.versions.iter().map(|versions| versions.len() - 1).collect::<Vec<_>>());
        for (module, _) in known.order.iter().rev() {
            let command = ["rollback", MODULES[*module], "--apply", "--yes"];
            way.step(&command, "down", *module, way.at[*module] - 1);
        }
        assert_eq!(way.at, [0; COUNT]);
        assert_eq!(contents(&way.database), "");
    });
}
