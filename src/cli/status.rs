//! `pevensie-pg status`

use clap::Args;

use super::args::{ConnectionArgs, JsonArgs, module, role};
use super::connection::{self, FULL_WAIT};
use super::exit::Exit;
use super::failure::Failure;
use super::many::{Many, Outcome};
use super::targets::TargetArgs;
use super::ui::Ui;
use crate::migration::bundle::Bundle;
use crate::migration::grantee::Standing;
use crate::migration::module::Module;
use crate::migration::preflight;
use crate::migration::refusal::Refusal;
use crate::migration::role::Role;
use crate::migration::status::{ModuleStatus, Status, Verdict};
use crate::pg::database::Database;
use crate::pg::error::Error;
use crate::pg::look::{self, Log, Survey};
use crate::pg::session::Session;
use crate::pg::state::Glimpse;
use crate::render::json::{self, Place, StatusBody};
use crate::render::many::{Row, Word};
use crate::render::problem::{self, Gravity};
use crate::render::{annotation, counted, drift, paint, status};
use crate::schema::adoption;
use crate::schema::drift::{Difference, of_database};
use crate::schema::rights;
use crate::schema::verdict::{Strictness, verdict};

/// Show what a database has and what is pending or wrong
///
/// Never writes; works on a standby and for a role that may only read. Without a module it shows all that the database
/// has. With --check the exit code tells: 0 good, 3 pending or nothing installed, 4 the history is wrong, 5 the live
/// schema is not what its versions say, or the role named lacks what it needs.
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// Which modules: base, auth or cache; base comes along with the other two
    #[arg(value_name = "MODULE", value_parser = module)]
    modules: Vec<Module>,
    /// Set the exit code, for CI
    #[arg(long)]
    check: bool,
    /// Take objects that somebody added to the schema for an error, and what --app-role has too much
    #[arg(long)]
    strict: bool,
    /// Say what this role, by its exact name, lacks to use the modules as the driver does (an error),
    /// and what it may do beyond that (a warning)
    #[arg(long, value_name = "ROLE", value_parser = role)]
    app_role: Option<Role>,
    /// Show the history, too: every record of what was done
    #[arg(long)]
    history: bool,
    #[command(flatten)]
    targets: TargetArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

/// What was found.
struct Found<'a> {
    bundle: &'a Bundle,
    survey: &'a Survey,
    status: Status<'a>,
    drift: Vec<Difference>,
    standing: Option<Standing>,
    strictness: Strictness,
    verdict: Verdict,
}

/// Runs the command.
pub async fn run(args: &StatusArgs, ui: &Ui) -> Result<Exit, Failure> {
    if args.targets.are_many() {
        return of_many(args, ui).await;
    }
    let bundle = Bundle::embedded();
    let mut database =
        connection::database(args.targets.addr.first().map(String::as_str), &args.connection, "status", FULL_WAIT, ui)?;
    let session = connection::open(&mut database, ui).await?;
    let address = session.address();
    ui.busy("reading the ledger and the schema");
    let survey = survey(args, session).await?;
    let found = judge(args, &bundle, &survey);
    ui.say(&format!("{address}, PostgreSQL {}", survey.glimpse.server.version.split(' ').next().unwrap_or_default()));
    ui.result(&result(args, &found))?;
    ui.raw(&annotations(args, &found));
    advise(&found, ui);
    Ok(if args.check { Exit::of_verdict(found.verdict) } else { Exit::Done })
}

/// What GitHub Actions is to show beside the run.
fn annotations(args: &StatusArgs, found: &Found<'_>) -> String {
    if !args.check || std::env::var("GITHUB_ACTIONS").as_deref() != Ok("true") {
        return String::new();
    }
    let standing = found.standing.iter().map(|standing| annotation::standing(standing, found.strictness));
    annotation::text(&found.status, &found.drift, found.strictness) + &standing.collect::<String>()
}

async fn survey(args: &StatusArgs, session: Session) -> Result<Survey, Error> {
    let log = if args.history || args.json.json { Log::Whole } else { Log::Latest };
    let surveyed = look::survey(&session, &args.connection.limits(), args.app_role.as_ref(), log).await;
    session.close().await;
    let survey = surveyed?;
    match &args.app_role {
        Some(role) if survey.glimpse.grantee.as_ref().is_some_and(|grantee| !grantee.exists) => {
            Err(Error::Refused(vec![Refusal::NoSuchRole { role: role.clone() }]))
        }
        _ => Ok(survey),
    }
}

/// Looks at many databases, and says of each in a line what it comes to.
async fn of_many(args: &StatusArgs, ui: &Ui) -> Result<Exit, Failure> {
    if args.history {
        return Err(Failure::usage("--history is for one database", Some("with --json the records are there, too")));
    }
    let bundle = Bundle::embedded();
    let many = Many {
        command: "status",
        targets: &args.targets,
        connection: &args.connection,
        full_wait: FULL_WAIT,
        form: args.json.form(),
    };
    let work = async |database: &Database, place: Place<'_>| {
        let session = database.open(&mut |_| ()).await?;
        let survey = survey(args, session).await?;
        let found = judge(args, &bundle, &survey);
        let document = json::line("status", place, body(&found));
        let exit = if args.check { Exit::of_verdict(found.verdict) } else { Exit::Done };
        let annotations = annotation::at(place.address, &annotations(args, &found));
        Ok(Outcome { exit, row: row(&found), document, annotations })
    };
    many.run(work, ui).await
}

/// What it comes to, in a line, and what is wrong.
fn row(found: &Found<'_>) -> Row {
    let Found { bundle, survey, status, drift, standing, verdict, .. } = found;
    let (word, summary) = match verdict {
        Verdict::Good => (Word::Good, String::new()),
        Verdict::Pending if status.modules.is_empty() => (Word::Pending, "nothing is installed".to_owned()),
        Verdict::Pending => (Word::Pending, counted(status.pending().len(), "migration")),
        Verdict::Drifted => (Word::Drifted, String::new()),
        Verdict::Faulty => (Word::Faulty, String::new()),
    };
    let faults = status.faults.iter().map(|fault| problem::text(&fault.into(), Gravity::Error)).collect::<String>();
    let standing = standing.as_ref().map(status::standing).unwrap_or_default();
    Row { word, summary, details: faults + &drift::text(&bundle.applied(&survey.glimpse.ledger), drift) + &standing }
}

fn judge<'a>(args: &StatusArgs, bundle: &'a Bundle, survey: &'a Survey) -> Found<'a> {
    let Survey { glimpse, live, .. } = survey;
    let status = Status::of(bundle, &glimpse.ledger, &args.modules);
    let drift = of_database(bundle, &glimpse.ledger, live);
    let standing = standing(args, bundle, glimpse, &status);
    let strictness = if args.strict { Strictness::Strict } else { Strictness::Lenient };
    let verdict = verdict(&status, &drift, standing.as_ref(), strictness);
    Found { bundle, survey, status, drift, standing, strictness, verdict }
}

/// Compares what the application's role has with what it needs for the modules that are there.
fn standing(args: &StatusArgs, bundle: &Bundle, glimpse: &Glimpse, status: &Status<'_>) -> Option<Standing> {
    let role = args.app_role.clone()?;
    let level = |module: &ModuleStatus<'_>| (module.module, module.migration.map(|migration| migration.version));
    let levels: Vec<_> = status.modules.iter().map(level).collect();
    let (needed, harmless) = (rights::needed(bundle, &levels), rights::harmless(bundle, &levels));
    Some(glimpse.grantee.as_ref()?.standing(role, &needed, &harmless))
}

fn result(args: &StatusArgs, found: &Found<'_>) -> String {
    let Found { bundle, survey, status, drift, standing, .. } = found;
    let Survey { glimpse, indexes, .. } = survey;
    if args.json.json {
        return json::write("status", body(found));
    }
    let room = Ui::room();
    let mut sections = vec![
        status::text(status, &glimpse.server.now, indexes, room),
        drift::text(&bundle.applied(&glimpse.ledger), drift),
    ];
    sections.extend(standing.as_ref().map(status::standing));
    if args.history {
        sections.push(status::history(&glimpse.history, room));
    }
    sections.retain(|section| !section.is_empty());
    sections.join("\n")
}

fn body<'a>(found: &'a Found<'a>) -> StatusBody<'a> {
    let Found { bundle, survey: Survey { glimpse, indexes, .. }, status, drift, standing, verdict, .. } = found;
    let parts = json::Parts {
        server: &glimpse.server,
        ledger: &glimpse.ledger,
        history: &glimpse.history,
        indexes,
        standing: standing.as_ref(),
    };
    StatusBody::of(bundle, parts, status, drift, *verdict)
}

/// Says what it comes to with the application's role.
fn about_role(Standing { role, lacks, excess }: &Standing) -> String {
    match (lacks.is_empty(), excess.is_empty()) {
        (false, _) => format!("role {role} lacks what the driver needs"),
        (true, false) => format!("role {role} may do more than the driver needs"),
        (true, true) => format!("role {role} has what the driver needs, and nothing more"),
    }
}

/// Says what it comes to, and what to do next.
fn advise(found: &Found<'_>, ui: &Ui) {
    let Found { bundle, survey, status, drift, standing, strictness, verdict } = found;
    let Survey { glimpse, live, .. } = survey;
    let is_pending = |module: &Module| status.pending().iter().any(|migration| migration.module == *module);
    let (present, different) = match verdict {
        Verdict::Faulty => (Vec::new(), Vec::new()),
        Verdict::Good | Verdict::Pending | Verdict::Drifted => {
            adoption::unrecorded(bundle, &glimpse.ledger, live, &Module::ALL)
        }
    };
    match verdict {
        Verdict::Good => {
            let added = if drift.is_empty() { "" } else { "; somebody added objects of their own" };
            let excess = standing.iter().find(|standing| !standing.excess.is_empty());
            let excess = excess.map(|standing| format!("; {}", about_role(standing)));
            let good = paint::good("everything is as it should be");
            ui.say(&format!("{good}{added}{}", excess.unwrap_or_default()));
        }
        Verdict::Pending if !(present.is_empty() && different.is_empty()) => {
            ui.say("there is no record of what is there");
        }
        Verdict::Pending if status.modules.is_empty() => {
            ui.say("Pevensie is not installed in this database");
            ui.hint("to see what would install it: pevensie-pg migrate auth cache");
        }
        Verdict::Pending => {
            let mut pending: Vec<&str> = Module::ALL.into_iter().filter(is_pending).map(Module::name).collect();
            if pending.len() > 1 {
                pending.retain(|name| *name != Module::Base.name()); // it comes along
            }
            ui.hint(&format!(
                "to see what is pending: pevensie-pg migrate {}\nto apply it, add --apply",
                pending.join(" ")
            ));
        }
        Verdict::Drifted => {
            let is_schema_wrong = drift.iter().any(|difference| strictness.minds(difference));
            let about_schema = is_schema_wrong.then(|| paint::bad("the schema is not what its versions say"));
            about_schema.into_iter().chain(standing.iter().map(about_role)).for_each(|words| ui.say(&words));
        }
        Verdict::Faulty => ui.say(&paint::bad("the history is wrong")),
    }
    if let Some(refusal) = preflight::too_old(&glimpse.server) {
        ui.problem(&(&refusal).into(), Gravity::Warning);
    }
    let hint = |modules: Vec<Module>, what: &str, apply: &str| {
        let names = modules.into_iter().map(Module::name).collect::<Vec<_>>().join(" ");
        if !names.is_empty() {
            ui.hint(&format!(
                "{names}: there, but without a record; {what}:\npevensie-pg migrate {names} --adopt{apply}"
            ));
        }
    };
    hint(present.into_iter().map(|(module, _)| module).collect(), "to adopt", " --apply");
    hint(different.into_iter().map(|mismatch| mismatch.module).collect(), "to see what differs", "");
}
