//! `pevensie-pg print`

use clap::{Args, ValueEnum};

use super::args::{JsonArgs, ModuleArg, VersionArg, each_once, module_at_version, version};
use super::exit::Exit;
use super::failure::Failure;
use super::ui::Ui;
use crate::export;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::plan::{Plan, PlanError};
use crate::migration::version::Version;
use crate::migration::wish::{Depth, Target, Wish};
use crate::render::json::{self, PrintBody};

/// Print migrations for other tools, without a database
///
/// The statements record themselves in the ledger, so that status, migrate and rollback know of them afterwards. base is
/// implied by the other two, up and down.
#[derive(Args, Debug)]
pub struct PrintArgs {
    /// What to print: base, auth or cache, up to a version or the newest
    #[arg(required = true, value_name = "MODULE[@VERSION]", value_parser = module_at_version)]
    modules: Vec<ModuleArg>,
    /// Print the way back
    #[arg(long)]
    down: bool,
    /// Print only what is newer than this version: for a database that has everything up to it
    #[arg(long, value_name = "VERSION", value_parser = version)]
    from: Option<VersionArg>,
    /// In which form
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Sql)]
    format: Format,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

/// The form of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Bare statements, without BEGIN and COMMIT
    Sql,
    /// A script for psql: one transaction, under the lock, refused where it does not fit
    Psql,
}

/// Where each module starts and ends; `None` is "nothing installed".
type Levels = Vec<(Module, Option<Version>)>;

/// Runs the command.
pub fn run(args: &PrintArgs, ui: &Ui) -> Result<Exit, Failure> {
    each_once(args.modules.iter().map(|arg| arg.module))?;
    let bundle = Bundle::embedded();
    let (low, high) = (low(args, &bundle)?, high(args, &bundle)?);
    let (plan, start) = if args.down { (down(&bundle, &low, &high)?, high) } else { (up(&bundle, &low, &high)?, low) };
    if plan.is_empty() {
        ui.say("nothing to print: there is nothing newer");
    }
    let text = match args.format {
        _ if plan.is_empty() => String::new(),
        Format::Sql => export::sql::write(&plan),
        Format::Psql => export::psql::write(&plan, &start),
    };
    ui.result(&if args.json.json { json::write("print", PrintBody::of(&plan, text)) } else { text })?;
    Ok(Exit::Done)
}

fn up<'b>(bundle: &'b Bundle, low: &Levels, high: &Levels) -> Result<Plan<'b>, PlanError> {
    let targets = high.iter().map(|&(module, version)| (module, Target::Exactly(version))).collect();
    Wish::Migrate(targets).plan(bundle, &ledger(low))
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
