//! The checked-in completions and manual pages are those that this binary prints.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use crate::support::{files_below, pevensie_pg};

/// Every file that `scripts/generate` writes below `completions/`, with the arguments that print it.
const GENERATED: [(&str, &[&str]); 13] = [
    ("pevensie-pg.bash", &["completions", "bash"]),
    ("_pevensie-pg", &["completions", "zsh"]),
    ("pevensie-pg.fish", &["completions", "fish"]),
    ("_pevensie-pg.ps1", &["completions", "powershell"]),
    ("pevensie-pg.elv", &["completions", "elvish"]),
    ("man1/pevensie-pg.1", &["man"]),
    ("man1/pevensie-pg-migrate.1", &["man", "migrate"]),
    ("man1/pevensie-pg-status.1", &["man", "status"]),
    ("man1/pevensie-pg-rollback.1", &["man", "rollback"]),
    ("man1/pevensie-pg-print.1", &["man", "print"]),
    ("man1/pevensie-pg-rehearse.1", &["man", "rehearse"]),
    ("man1/pevensie-pg-completions.1", &["man", "completions"]),
    ("man1/pevensie-pg-man.1", &["man", "man"]),
];

#[test]
fn generated_files_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    for (file, arguments) in GENERATED {
        let checked_in =
            fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("completions/{file}: {error}"));
        let printed = pevensie_pg(arguments).run().ok().stdout;
        assert!(checked_in == printed, "completions/{file} is stale: run scripts/generate");
    }
    let found: BTreeSet<String> = files_below(&folder).into_keys().collect();
    assert_eq!(found, GENERATED.map(|(file, _)| file.to_owned()).into());
}

/// A command without its page would be missed by the list above.
#[test]
fn every_command_has_a_page() {
    let help = pevensie_pg(&["--help"]).run().ok().stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: BTreeSet<_> =
        commands.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    let pages: BTreeSet<_> =
        GENERATED.iter().filter_map(|(file, _)| file.strip_prefix("man1/pevensie-pg-")?.strip_suffix(".1")).collect();
    assert_eq!(commands, pages);
}
