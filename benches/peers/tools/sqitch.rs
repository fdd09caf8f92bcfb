//! Sqitch.

use crate::migrations::Migration;
use crate::scenario::Scenario;
use crate::tool::{Pace, Reach, Step, Task, Tool, version_option};

/// By a plan and scripts that psql runs, each in a transaction; nothing is verified.
pub const TOOL: Tool = Tool {
    name: "Sqitch",
    variable: "PEVENSIE_PG_TEST_SQITCH",
    pace: Pace::Slow,
    reach: Reach::Everywhere,
    project: |migrations| {
        let settings = "[core]\n  engine = pg\n[user]\n  name = A\n  email = a@example.org\n";
        let plan = migrations.iter().map(line).collect::<String>();
        let plan = format!("%syntax-version=1.0.0\n%project=pevensie\n\n{plan}");
        let fixed = [("sqitch.conf".to_owned(), settings.to_owned()), ("sqitch.plan".to_owned(), plan)];
        migrations.iter().map(deploy).chain(fixed).collect()
    },
    step: |task| {
        Some(match task.scenario {
            Scenario::Install => step(task, "deploy", "cache_expires_at_idx"),
            Scenario::Nothing => step(task, "deploy", "Nothing to deploy"),
            Scenario::Status => step(task, "status", "Nothing to deploy"),
            Scenario::Drift | Scenario::Print => return None,
        })
    },
    version: version_option,
};

fn deploy(one: &Migration) -> (String, String) {
    (format!("deploy/{}.sql", one.name), format!("begin;\n\n{}\ncommit;\n", one.sql))
}

fn line(one: &Migration) -> String {
    let at = |from: usize, to: usize| &one.stamp[from..to];
    let date = format!("{}-{}-{}", at(0, 4), at(4, 6), at(6, 8));
    let time = format!("{}:{}:{}", at(8, 10), at(10, 12), at(12, 14));
    format!("{} {date}T{time}Z A <a@example.org>\n", one.name)
}

/// Its psql and its own driver both find the server by libpq's variables.
fn step(task: &Task<'_>, command: &str, says: &'static str) -> Step {
    let step = Step::new([command, &format!("db:pg:{}", task.address.database)], says);
    Step { variables: task.address.variables(), ..step }
}
