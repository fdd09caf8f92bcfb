//! Everything that is public, used as it is promised: what does not compile here breaks somebody's service.

use std::error::Error as StdError;
use std::fmt::{Debug, Display};
use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::Pool;
use pevensie_pg::{
    Applied, Error, ErrorKind, Event, InvalidVersion, Migration, Migrator, Module, Status, UnknownModule, Verdict,
    Version, migrations, sql, status,
};

fn is_sent<T: Send>(value: T) -> T {
    value
}

fn is_shared<T: Send + Sync + 'static>() {}

/// Never run: it is enough that it compiles, in a task that may move between threads.
#[expect(dead_code, reason = "compiled, not run")]
fn used(pool: Pool) -> tokio::task::JoinHandle<Result<(), Error>> {
    tokio::spawn(async move {
        let version: Version = "20241222140532".parse().expect("it is a version");
        let migrator: Migrator = Migrator::new([Module::Base, Module::Auth])
            .up_to(Module::Cache, version)
            .adopt()
            .single_transaction()
            .lock_wait(Duration::from_secs(1))
            .lock_timeout(Duration::from_secs(1))
            .statement_timeout(Duration::ZERO)
            .clone();
        let told = |event: Event| match event {
            Event::Waiting(text) | Event::Working(text) | Event::Done(text) => drop(text),
            _ => {}
        };
        let applied: Applied = is_sent(migrator.apply_telling(&pool, told)).await?;
        let _: (&[Migration], &[Migration], Duration, bool) =
            (applied.migrations(), applied.adopted(), applied.elapsed(), applied.is_empty());
        is_sent(migrator.apply(&pool)).await?;
        let found: Status = is_sent(status(&pool, [Module::Auth])).await?;
        let _: (Verdict, bool, Option<Version>) = (found.verdict(), found.is_good(), found.version(Module::Auth));
        let _: (&[Migration], [&[String]; 3]) = (found.pending(), [found.faults(), found.drift(), found.extra()]);
        Ok(())
    })
}

/// Never run, likewise.
#[expect(dead_code, reason = "compiled, not run")]
fn read(error: &Error) -> Option<&(dyn StdError + 'static)> {
    let _: (ErrorKind, Option<&str>, Option<&str>) = (error.kind(), error.hint(), error.sqlstate());
    let _: &[Migration] = error.applied();
    error.source()
}

#[test]
fn kinds_are_exit_codes() {
    let kinds = [ErrorKind::Failed, ErrorKind::Usage, ErrorKind::Faulty, ErrorKind::Drifted, ErrorKind::Locked];
    assert_eq!(kinds.map(ErrorKind::exit_code), [1, 2, 4, 5, 6]);
}

#[test]
fn values_are_what_they_promise() {
    fn is_text<T: Display + Debug + Clone>() {}
    is_shared::<Error>();
    is_shared::<Applied>();
    is_shared::<Status>();
    is_shared::<Migrator>();
    is_text::<Applied>();
    is_text::<Event>();
    is_text::<Migration>();
    is_text::<Module>();
    is_text::<Status>();
    is_text::<Version>();
    assert!(Verdict::Good < Verdict::Pending && Verdict::Pending < Verdict::Drifted);
    assert!(Verdict::Drifted < Verdict::Faulty);

    let unknown: UnknownModule = Module::from_str("auht").expect_err("it is misspelt");
    assert_eq!(unknown.to_string(), r#"there is no module "auht"; did you mean "auth"?"#);
    let invalid: InvalidVersion = Version::from_str("1").expect_err("it is no stamp");
    assert!(invalid.to_string().starts_with("\"1\" is not a version"), "{invalid}");
    assert_eq!([Module::Base, Module::Auth, Module::Cache].map(Module::name), ["base", "auth", "cache"]);
}

#[test]
fn what_is_carried_can_be_looked_at() {
    use crate::support::pevensie_pg;

    let carried: Vec<Migration> = migrations().collect();
    for migration in &carried {
        assert!(migration.up().ends_with('\n') && migration.down().ends_with('\n'), "{migration}");
        let checksums = include_str!("../../../sql/CHECKSUMS");
        let line = format!(
            "{}  {}/{}_{}.up.sql",
            migration.checksum(),
            migration.module(),
            migration.version(),
            migration.name()
        );
        assert!(checksums.lines().any(|known| known == line), "{line}");
    }
    let sql_of = |module| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sql").join(module);
    let files = crate::support::MODULES.iter().flat_map(|module| sql_of(module).read_dir().expect("it has a folder"));
    let names = files.map(|file| file.expect("it can be read").file_name().into_string().expect("it is ASCII"));
    assert_eq!(carried.len(), names.filter(|name| name.ends_with(".up.sql")).count());
    let printed = |modules: &[&str]| pevensie_pg(&[&["print"], modules].concat()).run().ok().stdout;
    assert_eq!(sql([Module::Cache, Module::Auth, Module::Cache]), printed(&["auth", "cache"]));
    assert_eq!(sql([Module::Base]), printed(&["base"]));
    assert_eq!(sql([]), "");
}
