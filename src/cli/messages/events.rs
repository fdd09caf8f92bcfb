//! What takes long, or is done: in a line that stays, and in the few words beside a clock.

use super::database::holders;
use crate::explain::event::{brief, text};
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::module::Module;
use crate::migration::plan::Plan;
use crate::migration::script::Location;
use crate::migration::wish::{Target, Wish};
use crate::pg::apply::{Event, Progress};
use crate::pg::connect::samples::samples;

pub(super) fn shown() -> String {
    let bundle = Bundle::embedded();
    let (holders, connect) = (holders(), samples().into_iter().next().expect("there is one"));
    let at = |phase: &str, done, total| Progress { phase: phase.to_owned(), done, total };
    let scanning = at("building index: scanning table", 42, 100);
    let waiting = at("waiting for writers before build", 1, 3);
    let starting = at("initializing", 0, 0);
    let plan = plan(&bundle);
    let sql = "create index i\n  on t (c);\n".to_owned();
    let location = Location { path: "auth/x.up.sql".to_owned(), span: 0..sql.len(), sql };
    let events = [
        Event::Connecting(&connect),
        Event::Waiting(holders.first()),
        Event::Waiting(None),
        Event::BeingBuilt("session_user_id_idx"),
        Event::Planned(&plan),
        Event::Blocked(&holders),
        Event::BlockedAgain,
        Event::Queued(Some(location)),
        Event::Queued(None),
        Event::Raced,
        Event::Silent,
        Event::Online("session_user_id_idx"),
        Event::Building(&scanning),
        Event::Building(&waiting),
        Event::Building(&starting),
        Event::Discarding("session_user_id_idx"),
        Event::Running(&plan),
        Event::Committing,
        Event::Done(&plan),
        Event::Warned("there is no transaction in progress".to_owned()),
        Event::FindingOut,
    ];
    let shown = events.iter().map(|event| {
        let (said, beside_the_clock) = (text(event), brief(event));
        let beside_the_clock = Some(beside_the_clock).filter(|words| *words != said);
        let beside_the_clock = beside_the_clock.map(|words| format!("⠹ {words} 12s\n")).unwrap_or_default();
        format!("```text\n{}\n{beside_the_clock}```\n\n", console::strip_ansi_codes(&said).trim_end())
    });
    shown.collect()
}

/// An upgrade of everything that can be done online.
fn plan(bundle: &Bundle) -> Plan<'_> {
    let first = bundle.of(Module::Base).next().expect("there is one").version;
    let ledger = Ledger::assumed(&Module::ALL.map(|module| (module, first)));
    let wish = Wish::Migrate(vec![(Module::Auth, Target::Newest), (Module::Cache, Target::Newest)]);
    let plan = wish.plan(bundle, &ledger).expect("it can be fulfilled");
    plan.online_where(|migration| migration.online.is_some())
}
