//! Liquibase.

use crate::migrations::Migration;
use crate::scenario::Scenario;
use crate::tool::{Pace, Reach, Step, Task, Tool, version_option};

const CHANGELOG: &str = r#"<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
  <includeAll path="changes"/>
</databaseChangeLog>
"#;

/// By formatted changelogs.
pub const TOOL: Tool = Tool {
    name: "Liquibase",
    variable: "PEVENSIE_PG_TEST_LIQUIBASE",
    pace: Pace::Slow,
    reach: Reach::Tcp,
    project: |migrations| {
        let list = ("changelog.xml".to_owned(), CHANGELOG.to_owned());
        migrations.iter().map(change).chain([list]).collect()
    },
    step: |task| {
        Some(match task.scenario {
            Scenario::Install => step(task, "update", "successfully"),
            Scenario::Nothing => step(task, "update", "Run:                          0"),
            Scenario::Status => step(task, "status", "is up to date"),
            Scenario::Drift | Scenario::Print => return None,
        })
    },
    version: version_option,
};

fn change(one: &Migration) -> (String, String) {
    let title = format!("{}_{}", one.stamp, one.name);
    let text = format!(
        "--liquibase formatted sql\n\n--changeset a:{title} splitStatements:false stripComments:false\n{}",
        one.sql
    );
    (format!("changes/{title}.sql"), text)
}

fn step(task: &Task<'_>, command: &str, says: &'static str) -> Step {
    let url = format!("--url={}", task.address.jdbc());
    Step::new([&url, "--username=postgres", "--changelog-file=changelog.xml", command], says)
}
