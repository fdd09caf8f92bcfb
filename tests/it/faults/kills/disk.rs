//! The server's disk is full.

use std::env;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::PathBuf;
use std::process::Command;

use super::super::report::{Case, scale};
use super::super::scenario::{INSTALL, Prepared, UPGRADE, some_servers};
use crate::support::{Folder, Server, output_of};

/// Set where nobody may mount a file system, to do without.
const WITHOUT: &str = "PEVENSIE_PG_TEST_WITHOUT_MOUNT";

/// A tiny file system of a test's own, and a tablespace on it.
struct Disk<'s> {
    server: &'s Server,
    tablespace: String,
    folder: Folder,
}

impl<'s> Disk<'s> {
    fn mount(server: &'s Server) -> Self {
        let folder = Folder::new();
        let path = folder.path().display().to_string();
        let mounted = output_of(Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs", &path]));
        assert!(
            mounted.status.success(),
            "no file system can be mounted, which takes root, and in a container CAP_SYS_ADMIN: to do without this test, \
             set {WITHOUT}=1\n{}",
            String::from_utf8_lossy(&mounted.stderr)
        );
        // Who owns the socket is who runs the server.
        let owner = fs::metadata(&server.socket).expect("the server has a socket").uid();
        let tablespace = folder.path().file_name().expect("it has a name").to_string_lossy().replace('-', "_");
        let disk = Self { server, tablespace, folder };
        chown(disk.folder.path(), Some(owner), None).expect("it is ours");
        let create = format!("create tablespace {} location '{path}'", disk.tablespace);
        server.client().batch_execute(&create).expect("it is empty");
        disk
    }

    /// Leaves so many pages of PostgreSQL's free.
    fn fill_up_to(&self, pages: u64) {
        let mut filling = File::create(self.filling()).expect("it is ours");
        let mut size = 0;
        while filling.write_all(&[0; 4096]).is_ok() {
            size += 4096;
        }
        filling.set_len(u64::saturating_sub(size, pages * 8192)).expect("a file can be cut");
    }

    fn clear(&self) {
        fs::remove_file(self.filling()).expect("it is there");
    }

    fn filling(&self) -> PathBuf {
        self.folder.path().join("filling")
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let dropped = self.server.client().batch_execute(&format!("drop tablespace {}", self.tablespace));
        let unmounted = Command::new("umount").arg(self.folder.path()).status();
        if dropped.is_err() || !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("could not clean up: {}", self.folder.path().display());
        }
    }
}

#[test]
fn the_disk_is_full() {
    if env::var_os(WITHOUT).is_some() {
        return;
    }
    some_servers(|server| {
        let disk = Disk::mount(server);
        for scenario in [INSTALL, UPGRADE] {
            let prepared = Prepared::new(scenario, server);
            let case = Case::new(format!("disk full: {}", scenario.name));
            let mut failed = 0;
            for pages in (0..40).step_by(scale(10, 1)) {
                case.run(|| {
                    let database = prepared.database();
                    let (name, tablespace) = (database.name(), &disk.tablespace);
                    database.execute(&format!("alter database {name} set default_tablespace to {tablespace}"));
                    disk.fill_up_to(pages);
                    let output = database.run(scenario.command).run();
                    disk.clear();
                    let when = format!("{pages} pages are free");
                    if output.code == 1 {
                        failed += 1;
                        assert!(output.stderr.contains("(53100)"), "{when}\n{}", output.snapshot());
                        assert!(output.stderr.contains("hint: the server's disk is full\n"), "{}", output.snapshot());
                    }
                    prepared.assert_survived(&database, Some(&output), &when);
                });
            }
            assert!(failed > 0, "the disk was never full");
        }
    });
}
