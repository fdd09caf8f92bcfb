//! The door for cargo-fuzz, which is no public API: from bytes to what has to hold for them, one function for each target.
//!
//! It is there where `cfg(fuzzing)` is set, as cargo-fuzz does, and in our own tests, which go through it with the seeds in
//! `fuzz/corpus` and with what is made of them at random.

use std::sync::LazyLock;

use crate::cli::properties as cli;
use crate::export::properties as export;
use crate::migration::bundle::{self, Bundle};
use crate::migration::history::properties as history;
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::statements::properties::{self as statements, Stretch};
use crate::pg::options::properties as options;
use crate::schema::expected::properties as expected;

static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    let withdrawn = "20260101000000".parse().expect("it is a date");
    Bundle::new(Bundle::embedded().migrations().to_vec(), vec![(Module::Cache, withdrawn)])
});

/// What parts of an input are told apart by.
const DIVIDER: &str = "\n---\n";

/// An address as it is typed; or four parts: what stands before a password, its beginning, its end, and what follows.
pub fn connection_string(data: &[u8]) {
    let text = text(data);
    options::check_text(&text);
    if let [before, start, end, after] = text.split(DIVIDER).collect::<Vec<_>>()[..] {
        options::check_secrecy(before, (start, end), after);
    }
}

/// What an address says, a line for each part, to be written both ways.
pub fn url(data: &[u8]) {
    let text = text(data);
    options::check_text(&format!("postgres://{text}"));
    options::check_both_forms(&options::Said::read(&text));
}

/// A service file with the service `shop`; or three parts: what stands before a password in it, that, and what follows.
pub fn service_file(data: &[u8]) {
    let text = text(data);
    options::check_service_file(&text, None);
    if let [before, password, after] = text.split(DIVIDER).collect::<Vec<_>>()[..] {
        options::check_service_file(before, Some((password, after)));
    }
}

/// A password file; or, before it, a line for each of host, port, database, role and password of an entry.
pub fn password_file(data: &[u8]) {
    let text = text(data);
    let (entry, file) = text.split_once(DIVIDER).unwrap_or(("", &text));
    options::check_password_file(file, &options::Entry::read(entry));
}

/// A word of the command line.
pub fn version_and_module(data: &[u8]) {
    cli::check_word(&text(data));
}

/// A shape and the rows of both tables.
pub fn ledger(data: &[u8]) {
    if let Some((ledger, log)) = history::read(&BUNDLE, &text(data)) {
        history::check(&BUNDLE, &ledger);
        cli::check_status(&BUNDLE, &ledger, &log);
    }
}

/// A line with the position, the statements completed before and the SQLSTATE, then message, detail and hint.
pub fn server_error(data: &[u8]) {
    let text = text(data);
    let mut parts = text.split(DIVIDER);
    let mut head = parts.next().unwrap_or_default().split(' ');
    let position = head.next().and_then(|position| position.parse().ok());
    let completed = head.next().and_then(|completed| completed.parse().ok()).unwrap_or_default();
    let sqlstate = head.next().unwrap_or_default().to_owned();
    let message = parts.next().unwrap_or_default().to_owned();
    let (detail, hint) = (parts.next().map(str::to_owned), parts.next().map(str::to_owned));
    cli::check_report(&cli::Report { position, completed, sqlstate, message, detail, hint });
}

/// A `.catalog` file, `CHECKSUMS`, or the lines of a listing.
pub fn catalog_and_checksums(data: &[u8]) {
    let text = text(data);
    bundle::properties::check(&text);
    expected::check_text(&text);
    let live = expected::read_live(&text);
    let all = BUNDLE.migrations().iter().map(|migration| (migration.module, migration.version));
    expected::check_live(&BUNDLE, &Ledger::assumed(&all.take(choice(data, 4)).collect::<Vec<_>>()), &live);
}

/// One of so many for each input is enough, and much faster than all of them.
fn choice(data: &[u8], of: usize) -> usize {
    data.iter().fold(0, |sum: usize, byte| sum.wrapping_add(usize::from(*byte))) % of
}

/// Two scripts, up and down, a line for each stretch; and whatever else that is.
pub fn statements_and_exports(data: &[u8]) {
    let text = text(data);
    statements::check_text(&text);
    export::check_pieces(&text);
    export::check_merged(&text);
    let names: Vec<&str> = text.lines().take(8).collect();
    export::check_numbers(&names, names.first().and_then(|name| name.parse().ok()));
    let (up, down) = text.split_once(DIVIDER).unwrap_or((&text, ""));
    let (up, down) = (Stretch::all(up), Stretch::all(down));
    statements::check_script(&up);
    export::check_formats(&up, &down, &export::READERS[choice(data, export::READERS.len())..][..1]);
}

fn text(data: &[u8]) -> String {
    // A zero byte is in no argument, no variable and nothing that PostgreSQL sends.
    String::from_utf8_lossy(data).replace('\0', "")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    const RANDOM_INPUTS: usize = 2_000;

    fn fuzz() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
    }

    fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let folder = fuzz().join("corpus").join(target);
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }

    /// A seed of which stretches are copied, lost, taken from another one or overwritten.
    fn mutated(seeds: &[(PathBuf, Vec<u8>)], chance: &mut fastrand::Rng) -> Vec<u8> {
        let pick = |chance: &mut fastrand::Rng| seeds[chance.usize(..seeds.len())].1.clone();
        let mut data = pick(chance);
        for _ in 0..chance.usize(1..6) {
            let from = chance.usize(..=data.len());
            let to = (from + chance.usize(..8)).min(data.len());
            match chance.u8(..5) {
                0 => drop(data.drain(from..to)),
                1 => drop(data.splice(from..from, data[from..to].to_vec())),
                2 => {
                    let other = pick(chance);
                    let start = chance.usize(..=other.len());
                    let end = (start + chance.usize(..24)).min(other.len());
                    data.splice(from..to, other[start..end].to_vec());
                }
                3 => data[from..to].iter_mut().for_each(|byte| *byte = chance.u8(..)),
                _ => data.insert(from, *chance.choice(b"\n'\"$ @:/=&%,[]|-;{}\\\0").unwrap()),
            }
        }
        data
    }

    fn go_through(target: &str, check: fn(&[u8])) {
        let seeds = seeds(target);
        for (path, data) in &seeds {
            println!("{}", path.display());
            check(data);
        }
        let mut chance = fastrand::Rng::with_seed(0);
        for _ in 0..RANDOM_INPUTS {
            let data = mutated(&seeds, &mut chance);
            println!("{:?}", String::from_utf8_lossy(&data));
            check(&data);
        }
    }

    macro_rules! targets {
        ($($target:ident),*) => {$(
            #[test]
            fn $target() {
                go_through(stringify!($target), super::$target);
            }
        )*

        #[test]
        fn every_target_is_there_to_be_fuzzed() {
            let tested = [$(stringify!($target)),*];
            let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
            let bins: Vec<&str> = manifest.lines().filter_map(|line| line.strip_prefix("path = ")).collect();
            assert_eq!(bins, tested.map(|name| format!("\"fuzz_targets/{name}.rs\"")));
            for name in tested {
                let source = fs::read_to_string(fuzz().join("fuzz_targets").join(format!("{name}.rs"))).unwrap();
                assert!(source.contains(&format!("pevensie_pg::fuzzing::{name}(")), "{name}");
            }
        }
        };
    }

    targets!(
        connection_string,
        url,
        service_file,
        password_file,
        version_and_module,
        ledger,
        server_error,
        catalog_and_checksums,
        statements_and_exports
    );
}
