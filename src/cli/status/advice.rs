//! What a status comes to, and what to do next.

use super::found::Found;
use crate::cli::ui::Ui;
use crate::migration::grantee::Standing;
use crate::migration::module::Module;
use crate::migration::preflight;
use crate::migration::status::{Status, Verdict};
use crate::pg::look::Survey;
use crate::render::paint;
use crate::render::problem::Gravity;
use crate::schema::adoption;

/// Says what it comes to, and what to do next.
pub(super) fn advise(found: &Found<'_>, ui: &Ui) {
    let Found { bundle, survey, status, drift, standing, strictness, verdict, .. } = found;
    let Survey { glimpse, live, .. } = survey;
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
        Verdict::Pending => ui.hint(&format!(
            "to see what is pending: pevensie-pg migrate {}\nto apply it, add --apply",
            names(behind(status))
        )),
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
        if !modules.is_empty() {
            let names = names(modules);
            ui.hint(&format!(
                "{names}: there, but without a record; {what}:\npevensie-pg migrate {names} --adopt{apply}"
            ));
        }
    };
    hint(present.into_iter().map(|(module, _)| module).collect(), "to adopt", " --apply");
    hint(different.into_iter().map(|mismatch| mismatch.module).collect(), "to see what differs", "");
}

/// The modules to name in order to have what is pending; `base` comes along with the others.
fn behind(status: &Status<'_>) -> Vec<Module> {
    let is_pending = |module: &Module| status.pending().iter().any(|migration| migration.module == *module);
    let mut behind: Vec<Module> = Module::ALL.into_iter().filter(is_pending).collect();
    if behind.len() > 1 {
        behind.retain(|module| *module != Module::Base);
    }
    behind
}

fn names(modules: Vec<Module>) -> String {
    modules.into_iter().map(Module::name).collect::<Vec<_>>().join(" ")
}

/// Says what it comes to with the application's role.
fn about_role(Standing { role, lacks, excess }: &Standing) -> String {
    match (lacks.is_empty(), excess.is_empty()) {
        (false, _) => format!("role {role} lacks what the driver needs"),
        (true, false) => format!("role {role} may do more than the driver needs"),
        (true, true) => format!("role {role} has what the driver needs, and nothing more"),
    }
}
