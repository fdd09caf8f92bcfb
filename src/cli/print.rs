//! `pevensie-pg print`

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::args::{JsonArgs, ModuleArg, VersionArg, each_once, module_at_version, role, version};
use super::exit::Exit;
use super::export::Export;
use super::failure::Failure;
use super::ui::Ui;
use crate::export::{Existing, FORMATS, Format, Order, Shape, sql};
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::migration::Migration;
use crate::migration::module::{Level, Module};
use crate::migration::plan::{Manner, Plan, PlanError};
use crate::migration::right::Grants;
use crate::migration::role::Role;
use crate::migration::wish::{Depth, Target, Wish};
use crate::render::json::{self, PrintBody};
use crate::schema::rights;

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
    /// is in use; indexes are built online where the format can say so
    #[arg(long, value_name = "VERSION", value_parser = version)]
    from: Option<VersionArg>,
    /// In which form
    #[arg(long, value_name = "FORMAT", default_value = "sql", value_parser = format())]
    format: &'static Format,
    /// Write the format's files into this folder; those that are there stay as they are
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Number new files from here on, in formats that number [default: after those in DIR, or 1]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=LARGEST))]
    first: Option<u64>,
    /// Print instead the grants that this role, by its exact name, needs to use the modules as the driver does
    #[arg(long, value_name = "ROLE", value_parser = role, conflicts_with_all = ["down", "from", "out", "first"])]
    grants: Option<Role>,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

/// Tools that want small numbers keep them in 31 bits.
const LARGEST: u64 = i32::MAX.unsigned_abs() as u64;

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
    if let Some(role) = &args.grants {
        return grants(args, role, &bundle, &high, ui);
    }
    let plan = if args.down { down(&bundle, &low, &high)? } else { up(&bundle, &low, &high)? };
    if plan.is_empty() {
        ui.say("nothing to print");
    }
    match &args.format.shape {
        Shape::Script { manner, write } => {
            let is_online =
                |m: &Migration| *manner == Manner::Online && Existing::default().is_online(&bundle, &low, m);
            let plan = plan.online_where(is_online);
            let text = if plan.is_empty() { String::new() } else { write(&plan, if args.down { &high } else { &low }) };
            script(args, &plan, text, ui)?;
        }
        Shape::Files(files) => {
            let export = Export { format: args.format, files, bundle: &bundle, installed: &low };
            export.run(plan, args.out.as_deref(), args.first, args.json.form(), ui)?;
        }
    }
    Ok(Exit::Done)
}

/// Prints what a role has to be granted.
fn grants(args: &PrintArgs, role: &Role, bundle: &Bundle, levels: &[Level], ui: &Ui) -> Result<Exit, Failure> {
    let grants = Grants { role: role.clone(), rights: rights::needed(bundle, levels) };
    let plan = Plan::default().granting(&grants, None);
    if plan.is_empty() {
        ui.say("nothing to print: no module is to be there");
    }
    script(args, &plan, sql::write(&plan), ui)?;
    Ok(Exit::Done)
}

/// Prints a plan that is one text.
fn script(args: &PrintArgs, plan: &Plan<'_>, text: String, ui: &Ui) -> Result<(), Failure> {
    ui.result(&if args.json.json { json::write("print", PrintBody::script(plan, text)) } else { text })
}

/// Refuses options that the format has no use for.
fn fits(args: &PrintArgs) -> Result<(), Failure> {
    let name = args.format.name;
    let refusal = match &args.format.shape {
        _ if args.grants.is_some() && name != "sql" => {
            Some(format!("--grants: what a role needs is printed as sql, not for {name}"))
        }
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

fn up<'b>(bundle: &'b Bundle, low: &[Level], high: &[Level]) -> Result<Plan<'b>, PlanError> {
    let targets = high.iter().map(|&(module, version)| (module, Target::Exactly(version))).collect();
    Wish::Migrate(targets).plan(bundle, &Ledger::at(low))
}

fn down<'b>(bundle: &'b Bundle, low: &[Level], high: &[Level]) -> Result<Plan<'b>, PlanError> {
    let depths = low.iter().map(|&(module, version)| (module, Depth::To(version))).collect();
    Wish::Rollback(depths).plan(bundle, &Ledger::at(high))
}

/// The modules in question: those named, and `base`.
fn modules(args: &PrintArgs) -> impl Iterator<Item = Module> + '_ {
    Module::ALL
        .into_iter()
        .filter(|module| *module == Module::Base || args.modules.iter().any(|arg| arg.module == *module))
}

/// Where each module is at the older end: nowhere, or at its newest version that is not after `--from`.
fn low(args: &PrintArgs, bundle: &Bundle) -> Result<Vec<Level>, Failure> {
    let Some(VersionArg(Some(from))) = args.from else {
        return Ok(modules(args).map(|module| (module, None)).collect());
    };
    if modules(args).all(|module| bundle.find(module, from).is_none()) {
        let message = format!("--from {from}: none of these modules has such a version");
        return Err(Failure::usage(message, Some(&known(args, bundle))));
    }
    Ok(modules(args).map(|module| (module, bundle.newest_until(module, from))).collect())
}

/// Where each module is at the newer end: where its argument says, otherwise at its newest version.
fn high(args: &PrintArgs, bundle: &Bundle) -> Result<Vec<Level>, Failure> {
    let level = |module| {
        let arg = args.modules.iter().find(|arg| arg.module == module).and_then(|arg| arg.version);
        match arg {
            Some(VersionArg(Some(version))) if bundle.find(module, version).is_none() => {
                Err(Failure::usage(format!("{module} has no version {version}"), Some(&known(args, bundle))))
            }
            Some(VersionArg(version)) => Ok((module, version)),
            None => Ok((module, bundle.newest(module))),
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
