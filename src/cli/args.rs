//! Arguments that several commands share.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::failure::Failure;
use crate::migration::limits::{LONGEST, Limits, SHORTEST};
use crate::migration::module::Module;
use crate::migration::role::{InvalidRole, Role};
use crate::migration::version::Version;

/// `MODULE[@VERSION]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleArg {
    /// The module.
    pub module: Module,
    /// The version asked for, if one is.
    pub version: Option<VersionArg>,
}

/// `VERSION`; `None` is `0`, "nothing installed".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionArg(pub Option<Version>);

/// Parses `MODULE[@VERSION]`.
pub fn module_at_version(text: &str) -> Result<ModuleArg, String> {
    no_address(text)?;
    let (module, at) = text.split_once('@').map_or((text, None), |(module, at)| (module, Some(at)));
    Ok(ModuleArg { module: self::module(module)?, version: at.map(version).transpose()? })
}

/// Parses `MODULE`.
pub fn module(text: &str) -> Result<Module, String> {
    no_address(text)?;
    match text.split_once('@') {
        Some((name, _)) => Err(format!("no version belongs here; say just {name:?}")),
        None => text.parse().map_err(|error: crate::migration::module::UnknownModule| error.to_string()),
    }
}

/// Says whether this may be an address with a password in it: a URL, with or without its scheme, or a list of pairs.
pub fn may_hold_a_password(text: &str) -> bool {
    let has_credentials = text.split_once('@').is_some_and(|(before, _)| before.contains(':'));
    has_credentials || text.contains("://") || text.contains("password")
}

/// Parses `ROLE`.
pub fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|error: InvalidRole| error.to_string())
}

/// An address in the place of a module is not shown: it may hold a password.
fn no_address(text: &str) -> Result<(), String> {
    if may_hold_a_password(text) || text.contains('=') {
        Err("this is no module; an address goes behind --addr".to_owned())
    } else {
        Ok(())
    }
}

/// Parses `VERSION`.
pub fn version(text: &str) -> Result<VersionArg, String> {
    if text == "0" {
        return Ok(VersionArg(None));
    }
    text.parse()
        .map(|version| VersionArg(Some(version)))
        .map_err(|error: crate::migration::version::InvalidVersion| format!("{error}, or 0 for \"nothing installed\""))
}

/// Parses a `DURATION` that PostgreSQL can keep.
pub fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if duration > LONGEST => Err("the longest possible is 24 days".to_owned()),
        Ok(duration) if !duration.is_zero() && duration < SHORTEST => Err("the shortest possible is 1ms".to_owned()),
        Ok(duration) => Ok(duration),
        Err(_) => Err("write a duration such as 500ms, 5s or 2min".to_owned()),
    }
}

/// Refuses a module that is named twice.
pub fn each_once(modules: impl Iterator<Item = Module>) -> Result<(), Failure> {
    let mut seen = Vec::new();
    for module in modules {
        if seen.contains(&module) {
            return Err(Failure::usage(format!("{module} is named twice"), None));
        }
        seen.push(module);
    }
    Ok(())
}

/// Where the database is, for commands that work on one.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub struct AddressArgs {
    /// Where the database is: a URL or a libpq string of key=value pairs; otherwise
    /// DATABASE_URL, otherwise PGSERVICE, PGHOST, PGUSER and libpq's other variables
    #[arg(long, value_name = "ADDRESS")]
    pub addr: Option<String>,
}

/// How to get to a database.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArgs {
    /// How long one attempt to connect may take [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub connect_timeout: Option<Duration>,
    /// Keep trying for so long while the server starts [default: one attempt]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
    /// How long one statement may run; 0 is forever [default: 5min; forever for an
    /// index that is built online]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub statement_timeout: Option<Duration>,
}

/// How long to wait for others.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub struct LockArgs {
    /// How long to wait for another migrator; with --apply
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "60s")]
    pub lock_wait: Duration,
    /// How long a statement may queue for a table before all is rolled back and tried
    /// again; with --apply
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5s")]
    pub lock_timeout: Duration,
}

/// How many migrations.
pub fn steps(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| "give a number of migrations, at least 1".to_owned())
}

impl ConnectionArgs {
    /// Returns the limits of a command that takes no lock.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            lock_wait: Duration::ZERO,
            lock_timeout: Duration::ZERO,
            statement_timeout: self.statement_timeout.unwrap_or(Limits::default().statement_timeout),
            online_timeout: self.statement_timeout.unwrap_or(Limits::default().online_timeout),
        }
    }
}

impl LockArgs {
    /// Returns the limits of a command that takes the lock.
    #[must_use]
    pub fn limits(&self, connection: &ConnectionArgs) -> Limits {
        Limits { lock_wait: self.lock_wait, lock_timeout: self.lock_timeout, ..connection.limits() }
    }
}

/// How to talk.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Say nothing on stderr but problems
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say everything: the connection and where each setting came from, passwords masked
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to colour; auto heeds NO_COLOR, CLICOLOR_FORCE and the terminal
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,
}

/// Reads from the words of a command line that could not be understood, or asked for help, when to colour.
pub fn color_wanted(words: &[String]) -> Color {
    let words = words.iter().take_while(|word| *word != "--");
    let values = words.clone().zip(words.skip(1)).filter_map(|(word, next)| match word.strip_prefix("--color") {
        Some("") => Some(next.as_str()),
        _ => next.strip_prefix("--color="),
    });
    values.filter_map(|value| Color::from_str(value, false).ok()).last().unwrap_or(Color::Auto)
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// In which form to give the result.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Output")]
pub struct JsonArgs {
    /// Give the result as one JSON document
    #[arg(long)]
    pub json: bool,
}

/// In which form the result is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people, or as SQL: each part as soon as it is known.
    Text,
    /// As one JSON document, or as one for each database.
    Document,
}

impl JsonArgs {
    /// Returns the form that is wanted.
    #[must_use]
    pub fn form(self) -> Form {
        if self.json { Form::Document } else { Form::Text }
    }
}

#[cfg(test)]
mod tests;
