//! The command line. The only place that knows clap.

mod args;
mod completions;
mod connection;
mod databases;
mod event;
mod exit;
mod export;
mod failure;
mod habits;
mod man;
mod many;
#[cfg(test)]
mod messages;
mod migrate;
mod out;
mod print;
#[cfg(any(test, fuzzing))]
pub(crate) mod properties;
mod rehearse;
mod rollback;
mod run;
mod status;
mod ui;

use std::process::ExitCode;

use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Style};
use clap::{CommandFactory, Parser, Subcommand};

use args::OutputArgs;
use exit::Exit;
use failure::Failure;
use ui::Ui;

use crate::render::json;
use crate::render::problem::Gravity;

/// Install, upgrade, check and remove the PostgreSQL schema of the Pevensie framework
///
/// MODULE is base, auth or cache; base comes along with the other two. VERSION is the 14-digit UTC stamp of a migration,
/// such as 20241222140532; 0 is "nothing installed", and no version is the newest.
#[derive(Debug, Parser)]
#[command(name = "pevensie-pg", version, max_term_width = 80, styles = STYLES, after_help = AFTER_HELP, subcommand_required = true)]
struct Cli {
    #[command(flatten)]
    output: OutputArgs,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  pevensie-pg migrate --addr=$URL auth cache           show what would be done
  pevensie-pg migrate --addr=$URL auth cache --apply   do it
  pevensie-pg status --addr=$URL --check               fail unless all is well
  pevensie-pg print auth cache                         the SQL, for another tool
  pevensie-pg rehearse                                 prove that all this works

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 --check: pending, or nothing
installed; 4 the history is wrong; 5 the live schema is not what its versions
say, or the role of --app-role lacks something; 6 another migrator was at work
for the whole --lock-wait; 130 interrupted or declined";

#[derive(Debug, Subcommand)]
enum Command {
    Migrate(migrate::MigrateArgs),
    Status(status::StatusArgs),
    Rollback(rollback::RollbackArgs),
    Print(print::PrintArgs),
    Rehearse(rehearse::RehearseArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Runs the command line of this process and returns its exit code.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
            return refused(&error, &words);
        }
    };
    let ui = Ui::new(&cli.output);
    let exit = match cli.command.run(&ui) {
        Ok(exit) => exit,
        Err(failure) => report(&ui, &cli.command, &failure),
    };
    exit.into()
}

/// Ends as clap would, but shows no address: it may hold a password, and was only written where none belongs.
fn refused(error: &clap::Error, words: &[String]) -> ExitCode {
    let ui = Ui::new(&OutputArgs { quiet: false, verbose: false, color: args::color_wanted(words) });
    if !error.use_stderr() {
        return match ui.result(&error.render().ansi().to_string()) {
            Ok(()) => Exit::Done,
            Err(failure) => {
                failure.problems().iter().for_each(|problem| ui.problem(problem, Gravity::Error));
                failure.exit()
            }
        }
        .into();
    }
    let addresses: Vec<&String> = words.iter().filter(|word| args::may_hold_a_password(word)).collect();
    let plain = || error.render().to_string();
    ui.raw(&if addresses.is_empty() {
        error.render().ansi().to_string()
    } else {
        // Without colours, which might stand in the middle of an address.
        addresses.iter().fold(plain(), |message, word| message.replace(*word, "********"))
    });
    if let Some(hint) = habits::meant(error) {
        ui.hint(hint);
    }
    Exit::Usage.into()
}

/// The colours of help and of wrong usage: those of everything else.
const STYLES: Styles = Styles::plain()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(Style::new().bold())
    .placeholder(Style::new())
    .error(AnsiColor::Red.on_default().bold())
    .valid(AnsiColor::Cyan.on_default())
    .invalid(AnsiColor::Yellow.on_default());

impl Command {
    fn run(&self, ui: &Ui) -> Result<Exit, Failure> {
        match self {
            Self::Migrate(args) => in_runtime(migrate::run(args, ui)),
            Self::Status(args) => in_runtime(status::run(args, ui)),
            Self::Rollback(args) => in_runtime(rollback::run(args, ui)),
            Self::Print(args) => print::run(args, ui),
            Self::Rehearse(args) => in_runtime(rehearse::run(args, ui)),
            Self::Completions(args) => completions::run(args, ui, &mut Cli::command()),
            Self::Man(args) => man::run(args, ui, Cli::command()),
        }
    }

    /// The name of a command that was asked for JSON.
    fn wants_json(&self) -> Option<&'static str> {
        let (name, json) = match self {
            Self::Migrate(args) => ("migrate", args.json),
            Self::Status(args) => ("status", args.json),
            Self::Rollback(args) => ("rollback", args.json),
            Self::Print(args) => ("print", args.json),
            Self::Rehearse(args) => ("rehearse", args.json),
            Self::Completions(_) | Self::Man(_) => return None,
        };
        json.json.then_some(name)
    }
}

fn in_runtime(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Other(anyhow::Error::new(error).context("cannot start")))?;
    let result = runtime.block_on(work);
    // A prompt that nobody answers any more must not keep the process.
    runtime.shutdown_background();
    result
}

fn report(ui: &Ui, command: &Command, failure: &Failure) -> Exit {
    failure.problems().iter().for_each(|problem| ui.problem(problem, Gravity::Error));
    if let Some(name) = command.wants_json() {
        // What cannot be written to stdout was said on stderr already.
        let _ = ui.result(&json::write(name, failure.body()));
    }
    failure.exit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
