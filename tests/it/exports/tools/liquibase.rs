//! Liquibase.

use super::project::{Depth, Project, Tool, run};
use super::works;
use crate::support::setting;

const CHANGELOG: &str = r#"<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
  <includeAll path="changes"/>
</databaseChangeLog>
"#;

pub(super) const TOOL: Tool = Tool {
    format: "liquibase",
    folder: "changes",
    is_quick: false,
    set_up: |project| project.write("changelog.xml", CHANGELOG),
    up: |project| liquibase(project, &["update"]),
    down: Some(|project, depth| match depth {
        Depth::One => liquibase(project, &["rollback-count", "--count=1"]),
        Depth::All => liquibase(project, &["rollback-count", "--count=999"]),
    }),
};

pub(super) fn liquibase(project: &Project<'_>, arguments: &[&str]) {
    let address = project.database.url();
    let (_, address) = address.split_once('@').expect("the user comes first");
    let url = format!("--url=jdbc:postgresql://{address}");
    let mut command = project.command(&setting("PEVENSIE_PG_TEST_LIQUIBASE"));
    run(command.args([&url, "--username=postgres", "--changelog-file=changelog.xml"]).args(arguments));
}

#[test]
fn liquibase_works() {
    works(&TOOL);
}
