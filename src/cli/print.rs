//! `pevensie-pg print`

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::args::{JsonArgs, ModuleArg, VersionArg, each_once, module_at_version, version};
use super::exit::Exit;
use super::failure::Failure;
use super::out::{self, State};
use super::ui::Ui;
use crate::export::{FORMATS, File, Files, Format, Item, Levels, Numbers, Order, Shape};
use crate::migration::bundle::Bundle;
use crate::migration::impact::{self, Impact};
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::plan::{Manner, Plan, PlanError};
use crate::migration::wish::{Circumstances, Depth, Target, Wish};
use crate::render::json::{self, FileBody, PrintBody};

/// Print migrations for other tools, without a database
///
/// The statements record themselves in the ledger, so that status, migrate and rollback know of them afterwards. base is
/// implied by the other two, up and down.
#[derive(Args, Debug)]
pub struct PrintArgs {
    /// What to print: base, auth or cache, up to a version or the newest
    #[arg(required = true, value_name = "MODULE[@VERSION]", value_parser = module_at_version)]
    modules: Vec<ModuleArg>,
    /// Print the way back; formats of other tools have it in their files
    #[arg(long)]
    down: bool,
    /// Print only what is newer than this version: for a database that has everything up to it and
    /// is in use, so that indexes are built online where the format can say so
    #[arg(long, value_name = "VERSION", value_parser = version)]
    from: Option<VersionArg>,
    /// In which form
    #[arg(long, value_name = "FORMAT", default_value = "sql", value_parser = format())]
    format: &'static Format,
    /// Write the format's files into this folder; those that are there stay as they are
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Number new files from here on, in formats that number [default: after those in DIR, or 1]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=i64::MAX.unsigned_abs()))]
    first: Option<u64>,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

/// Parses the name of a format.
fn format() -> impl TypedValueParser<Value = &'static Format> {
    let value = |format: &&'static Format| PossibleValue::new(format.name).help(format.summary);
    PossibleValuesParser::new(FORMATS.iter().map(value))
        .map(|name| FORMATS.into_iter().find(|format| format.name == name).unwrap_or(FORMATS[0]))
}

/// Runs the command.
pub fn run(args: &PrintArgs, ui: &Ui) -> Result<Exit, Failure> {
    each_once(args.modules.iter().map(|arg| arg.module))?;
    fits(args)?;
    let bundle = Bundle::embedded();
    let (low, high) = (low(args, &bundle)?, high(args, &bundle)?);
    let manner = match &args.format.shape {
        Shape::Script { manner, .. } | Shape::Files(Files { manner, .. }) => *manner,
    };
    let (plan, start) =
        if args.down { (down(&bundle, &low, &high)?, high) } else { (up(&bundle, &low, &high, manner)?, low) };
    if plan.is_empty() {
        ui.say("nothing to print: there is nothing newer");
    }
    match &args.format.shape {
        Shape::Script { write, .. } => {
            let text = if plan.is_empty() { String::new() } else { write(&plan, &start) };
            ui.result(&if args.json.json { json::write("print", PrintBody::script(&plan, text)) } else { text })?;
        }
        Shape::Files(files) => {
            warn_of_blocking(args, files, &plan, ui);
            export(args, files, &plan, &bundle, ui)?;
        }
    }
    Ok(Exit::Done)
}

/// Refuses options that the format has no use for.
fn fits(args: &PrintArgs) -> Result<(), Failure> {
    let name = args.format.name;
    let refusal = match &args.format.shape {
        Shape::Script { .. } if args.out.is_some() => {
            Some(format!("--out: {name} is one text; redirect it into a file"))
        }
        Shape::Script { .. } if args.first.is_some() => Some(format!("--first: {name} has no files to number")),
        Shape::Files(_) if args.down => {
            Some(format!("--down: the files for {name} have the way back in them, if it knows one"))
        }
        Shape::Files(files) if files.order == Order::Stamp && args.first.is_some() => {
            Some(format!("--first: the files for {name} are ordered by the stamps of the migrations"))
        }
        Shape::Files(files) if files.folders && args.out.is_none() && !args.json.json => {
            Some(format!("--format {name} writes files in folders and cannot be printed: say where, with --out DIR"))
        }
        Shape::Script { .. } | Shape::Files(_) => None,
    };
    refusal.map_or(Ok(()), |message| Err(Failure::usage(message, None)))
}

/// Prints the files, or writes them where `--out` says.
fn export(args: &PrintArgs, format: &Files, plan: &Plan<'_>, bundle: &Bundle, ui: &Ui) -> Result<(), Failure> {
    let items = Item::of(plan, bundle);
    let names = args.out.as_deref().map(out::names).transpose()?.unwrap_or_default();
    let numbers = Numbers::of(names.iter().map(String::as_str), args.first);
    if let Some(number) = numbers.clash(&items) {
        let message = format!("--first: the folder has a file with the number {number} already");
        return Err(Failure::usage(message, Some("leave --first away: new files follow those that are there")));
    }
    let files = if items.is_empty() { Vec::new() } else { (format.write)(&items, &numbers) };
    let Some(folder) = &args.out else {
        return ui.result(&if args.json.json {
            json::write("print", PrintBody::files(plan, files.iter().map(printed).collect()))
        } else {
            files.iter().map(|file| file.heading() + &file.text).collect::<Vec<_>>().join("\n")
        });
    };
    let written = out::write(folder, &files)?;
    ui.result(&if args.json.json {
        json::write("print", PrintBody::files(plan, written.iter().map(out::body).collect()))
    } else {
        out::lines(&written)
    })?;
    if written.iter().any(|(_, state)| *state != State::Kept) {
        ui.hint(&format!("to apply them, run: {}", format.next));
    }
    Ok(())
}

fn printed(file: &File) -> FileBody<'_> {
    FileBody { path: &file.path, text: Some(&file.text), state: None }
}

/// An index that is built in a transaction keeps writers waiting, where the database is in use.
fn warn_of_blocking(args: &PrintArgs, files: &Files, plan: &Plan<'_>, ui: &Ui) {
    let is_upgrade = args.from.is_some_and(|from| from.0.is_some());
    let blocks =
        impact::of_plan(plan).iter().any(|(_, effects)| effects.iter().any(|e| e.impact >= Impact::BlocksWrites));
    if is_upgrade && blocks && files.manner == Manner::Transaction {
        ui.hint(&format!(
            "{} builds indexes in a transaction: whoever writes waits meanwhile\n\
             for a large database that is in use, take: pevensie-pg migrate --apply",
            args.format.name,
        ));
    }
}
fn up<'b>(bundle: &'b Bundle, low: &Levels, high: &Levels, manner: Manner) -> Result<Plan<'b>, PlanError> {
    let targets = high.iter().map(|&(module, version)| (module, Target::Exactly(version))).collect();
    let circumstances = Circumstances { manner, ..Circumstances::default() };
    Wish::Migrate(targets).plan_in(bundle, &ledger(low), &circumstances)
}

fn down<'b>(bundle: &'b Bundle, low: &Levels, high: &Levels) -> Result<Plan<'b>, PlanError> {
    let depths = low.iter().map(|&(module, version)| (module, Depth::To(version))).collect();
    Wish::Rollback(depths).plan(bundle, &ledger(high))
}

/// The ledger of a database that is exactly there.
fn ledger(levels: &Levels) -> Ledger {
    Ledger::assumed(&levels.iter().filter_map(|&(module, version)| Some((module, version?))).collect::<Vec<_>>())
}

/// The modules in question: those named, and `base`.
fn modules(args: &PrintArgs) -> impl Iterator<Item = Module> + '_ {
    Module::ALL
        .into_iter()
        .filter(|module| *module == Module::Base || args.modules.iter().any(|arg| arg.module == *module))
}

/// Where each module is at the older end: nowhere, or at its newest version that is not after `--from`.
fn low(args: &PrintArgs, bundle: &Bundle) -> Result<Levels, Failure> {
    let Some(VersionArg(Some(from))) = args.from else {
        return Ok(modules(args).map(|module| (module, None)).collect());
    };
    if modules(args).all(|module| bundle.find(module, from).is_none()) {
        let message = format!("--from {from}: none of these modules has such a version");
        return Err(Failure::usage(message, Some(&known(args, bundle))));
    }
    Ok(modules(args).map(|module| (module, bundle.newest(module, Some(from)))).collect())
}

/// Where each module is at the newer end: where its argument says, otherwise at its newest version.
fn high(args: &PrintArgs, bundle: &Bundle) -> Result<Levels, Failure> {
    let level = |module| {
        let arg = args.modules.iter().find(|arg| arg.module == module).and_then(|arg| arg.version);
        match arg {
            Some(VersionArg(Some(version))) if bundle.find(module, version).is_none() => {
                Err(Failure::usage(format!("{module} has no version {version}"), Some(&known(args, bundle))))
            }
            Some(VersionArg(version)) => Ok((module, version)),
            None => Ok((module, bundle.newest(module, None))),
        }
    };
    modules(args).map(level).collect()
}

fn known(args: &PrintArgs, bundle: &Bundle) -> String {
    let versions = |module| {
        let versions: Vec<String> = bundle.of(module).map(|migration| migration.version.to_string()).collect();
        format!("{module} has {}", versions.join(", "))
    };
    modules(args).map(versions).collect::<Vec<_>>().join("\n")
}
