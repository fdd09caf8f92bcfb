//! What is to be reached: nothing is steeper than its own work, and nothing depends on what is not ours.

use serde::Serialize;

use crate::databases::{By, Taken, Task};
use crate::series::Series;

/// One goal: something that may be so much at most.
#[derive(Clone, Debug, Serialize)]
pub struct Goal {
    /// What it is about.
    pub what: String,
    /// The most that it may be.
    pub at_most: f64,
    /// What it is counted in.
    pub unit: &'static str,
    /// What it is, if it could be measured.
    pub measured: Option<f64>,
    /// Whether it is reached, if that is known.
    pub is_met: Option<bool>,
}

/// How much longer anything may take with the most relations that are not ours than with none.
const INDEPENDENT: f64 = 1.25;
/// How far the largest size may be above the straight line through the others: what takes the square is at 10.
const STRAIGHT: f64 = 2.0;
/// How much memory a further database may take, for its address and what is known of it.
const KIB_FOR_EACH: f64 = 4.0;

/// The rules, in words.
pub const RULES: &str = "\
Independent of what is not ours: with the most relations at most a quarter longer than with none. Not steeper than its own \
work: what the largest size takes beyond the smallest is at most twice what it were if each further record, migration or \
database took what it does between the smallest and the middle size, where the middle counts with the uncertainty of its \
median (the range of the quartiles over the square root of the runs). What takes time by the square of the size is at about 10 \
there. Of databases there are two sizes: a further one of many may take twice the time that one of few does, and 4 KiB.";

impl Goal {
    fn new(what: String, at_most: f64, unit: &'static str, measured: Option<f64>) -> Self {
        Self { what, at_most, unit, measured, is_met: measured.map(|measured| measured <= at_most) }
    }
}

/// Judges relations by their independence, records and migrations by their straightness, and databases by both.
pub fn goals(relations: &[Series], records: &[Series], migrations: &[Series], databases: &[Taken]) -> Vec<Goal> {
    let mut goals = Vec::new();
    for series in relations {
        let what = format!("other relations: {}", series.what);
        goals.push(Goal::new(what, INDEPENDENT, "times", series.whole_growth()));
    }
    for (of, all) in [("records", records), ("migrations", migrations)] {
        for series in all {
            goals.push(Goal::new(format!("{of}: {}", series.what), STRAIGHT, "times a line", series.steepness()));
        }
    }
    for task in Task::ALL {
        let name = task.name();
        let ours = pair(databases, task);
        let further = ours.map(|(few, many)| {
            let databases = f64::from(many.databases - few.databases);
            (many.wall_ms - few.wall_ms) / databases / (few.wall_ms / f64::from(few.databases))
        });
        goals.push(Goal::new(format!("databases: {name}"), STRAIGHT, "times a line", further));
        let memory = ours.map(|(few, many)| {
            (f64::from(many.memory_kib) - f64::from(few.memory_kib)) / f64::from(many.databases - few.databases)
        });
        goals.push(Goal::new(format!("databases: {name}, memory"), KIB_FOR_EACH, "KiB for each", memory));
        // As for one database, in `peers`.
        let at_most = match task {
            Task::Install => 1.0,
            Task::Nothing => 0.75,
            Task::Status => 1.5,
        };
        let part = most(databases, By::Ours, task).zip(most(databases, By::Sqlx, task));
        let part = part.map(|(ours, sqlx)| ours.wall_ms / sqlx.wall_ms);
        goals.push(Goal::new(format!("databases: {name}, time of sqlx-cli's"), at_most, "times", part));
    }
    goals
}

/// What it took us for the fewest and for the most databases.
fn pair(databases: &[Taken], task: Task) -> Option<(&Taken, &Taken)> {
    let few = databases.iter().find(|taken| taken.by == By::Ours && taken.task == task)?;
    Some((few, most(databases, By::Ours, task)?)).filter(|(few, many)| few.databases < many.databases)
}

fn most(databases: &[Taken], by: By, task: Task) -> Option<&Taken> {
    databases.iter().rfind(|taken| taken.by == by && taken.task == task)
}
