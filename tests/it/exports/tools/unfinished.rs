//! An index that another tool was cut off building: some begin anew by themselves, for the others the file says how.

use super::project::{Project, Tool, attempt};
use super::{NEWEST, OLDEST, dbmate, is_newest, node_pg_migrate, sqitch};
use crate::support::{Database, FIRST, UP, contents, each_server, servers};

/// A project that is about to build the index, of which there is a rest already.
fn cut_off<'d>(tool: &'d Tool, database: &'d Database<'d>) -> Project<'d> {
    let project = Project::new(tool, database);
    project.export(OLDEST);
    project.up();
    project.export(&[NEWEST, &["--from", FIRST]].concat());
    database.execute(
        "create index session_user_id_idx on pevensie.session using btree (user_id);
         update pg_index set indisvalid = false where indexrelid = 'pevensie.session_user_id_idx'::regclass",
    );
    project
}

#[test]
fn sqitch_and_node_pg_migrate_build_it_anew() {
    let server = servers().last().expect("there is a server");
    let ours = server.database();
    ours.run(UP).run().ok();
    for tool in [&sqitch::TOOL, &node_pg_migrate::TOOL] {
        let database = server.database();
        cut_off(tool, &database).up();
        is_newest(&database, &ours);
    }
}

#[test]
fn dbmate_fails_and_its_file_says_what_helps() {
    each_server(|server| {
        let (database, ours) = (server.database(), server.database());
        ours.run(UP).run().ok();
        let project = cut_off(&dbmate::TOOL, &database);
        let words = attempt(&mut dbmate::command_of(&project, "up")).expect_err("the name is taken");
        assert!(words.contains("\"session_user_id_idx\" already exists"), "{words}");
        let build = "20261121041101_pevensie_auth_session_user_id_idx.sql";
        let advice = "\n-- drop index concurrently if exists pevensie.session_user_id_idx;\n";
        assert!(project.files()[build].contains(advice));
        database.execute(advice.trim().trim_start_matches("-- "));
        project.up();
        is_newest(&database, &ours);
    });
}

/// Whatever was done about the index meanwhile: without it nothing is recorded.
#[test]
fn what_is_not_finished_is_not_recorded() {
    each_server(|server| {
        let database = server.database();
        let project = cut_off(&dbmate::TOOL, &database);
        database.execute("insert into public.schema_migrations (version) values ('20261121041101')");
        let words = attempt(&mut dbmate::command_of(&project, "up")).expect_err("the index is not valid");
        assert!(
            words.contains("index pevensie.session_user_id_idx is missing, unfinished or not what it should be"),
            "{words}"
        );
        assert!(!contents(&database).contains("auth|20261121041100"));
    });
}
