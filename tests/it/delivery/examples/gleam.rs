//! A Gleam release with our binary in its image.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::delivery::image::{instructions, words};
use crate::delivery::{made, ours, place, run, static_name};
use crate::support::{Folder, output_of, servers};

#[test]
fn the_release_starts_after_the_migration() {
    let all = instructions(&ours("docs/examples/gleam.Dockerfile"));
    let copied = "--from=pevensie-pg /usr/local/bin/pevensie-pg /usr/local/bin/pevensie-pg";
    assert!(all.contains(&("COPY".to_owned(), copied.to_owned())), "{all:?}");
    let image = instructions(&ours("Dockerfile"));
    assert_eq!(words(&image, "ENTRYPOINT"), ["/usr/local/bin/pevensie-pg"], "where it is copied from");

    let (folder, database) = (Folder::new(), servers()[0].database());
    place(folder.path(), &made(&static_name()), "bin/pevensie-pg");
    // In the place of what `gleam export erlang-shipment` makes.
    let service = folder.write("entrypoint.sh", "#!/bin/sh\necho \"the service: $1\"\n");
    fs::set_permissions(service, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    let entry = words(&all, "ENTRYPOINT");
    let path = format!("{}:/usr/bin:/bin", folder.path().join("bin").display());
    let start = |url: &str| {
        let mut command = Command::new(&entry[0]);
        command.args(&entry[1..]).current_dir(folder.path()).env("PATH", &path).env("DATABASE_URL", url);
        command
    };
    let words = run(&mut start(&database.url()));
    assert!(words.contains("applied  cache") && words.ends_with("the service: run\n"), "{words}");
    assert_eq!(run(&mut start(&database.url())), "the service: run\n");
    // Without a database that is what it should be, the service does not start.
    database.execute("update pevensie.module_version set checksum = 'edited'");
    let output = output_of(&mut start(&database.url()));
    assert_eq!((output.status.code(), output.stdout), (Some(4), Vec::new()));
}
