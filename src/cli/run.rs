//! Carrying out a plan, and telling of it.

use super::args::Form;
use super::event;
use super::failure::Failure;
use super::ui::Ui;
use crate::migration::impact;
use crate::migration::plan::Plan;
use crate::migration::preflight;
use crate::migration::refusal::Refusal;
use crate::pg::apply::{Applied, Ending, Event, Run};
use crate::pg::error::Error;
use crate::pg::session::Session;
use crate::pg::state::State;
use crate::render::problem::{Gravity, Problem};
use crate::render::steps;
use crate::render::time::duration;

/// Carries out a plan. What is committed is said at once, as it stays, whatever comes after it; a document is left to whoever
/// called.
pub async fn carry_out<'b>(run: &Run<'_, 'b>, session: Session, form: Form, ui: &Ui) -> Result<Applied<'b>, Failure> {
    let address = session.address();
    let mut written = Ok(());
    let mut tell = |event: Event<'_>| {
        event::tell(ui, &event);
        // What was agreed to was shown before.
        if let Event::Planned(plan) = event
            && run.agreed.is_none()
            && affects_others(plan)
        {
            ui.say(format!("to be applied in {address}:\n{}", steps::planned(plan)).trim_end());
        }
        if let (Event::Done(plan), Form::Text, Ok(())) = (event, form, &written) {
            written = ui.result(&steps::done(plan));
        }
    };
    ui.busy("reading the ledger");
    let applied = Box::pin(run.apply(session, &mut tell)).await.map_err(|stopped| Failure::stopped(*stopped))?;
    if written.is_err() {
        ui.say(&done(&applied));
    }
    written.map(|()| applied)
}

/// Says whether others who use the tables should know beforehand.
pub fn affects_others(plan: &Plan<'_>) -> bool {
    impact::of_plan(plan).iter().any(|(_, effects)| !effects.is_empty())
}

/// Says that something was done, and how that is known.
pub fn done(applied: &Applied<'_>) -> String {
    let how = match applied.ending {
        Ending::Confirmed => "done",
        Ending::FoundOut => "the connection was lost during the commit, but the database says that it is done",
    };
    format!("{how}: database {} in {}", applied.server.database, duration(applied.elapsed))
}

/// What is wrong with the database itself stops everybody; what this session may not do is returned and only worth a
/// word, because another one will run what is printed.
pub fn refuse(state: &State, plan: &Plan<'_>) -> Result<Vec<Refusal>, Failure> {
    let (stop, warn): (Vec<_>, Vec<_>) =
        preflight::refusals(&state.around, plan).into_iter().partition(Refusal::is_about_the_database);
    if stop.is_empty() { Ok(warn) } else { Err(Error::Refused(stop).into()) }
}

/// Warns of what only this session may not do.
pub fn warn(obstacles: &[Refusal], ui: &Ui) {
    for refusal in obstacles {
        let message = format!("with --apply this would fail here: {refusal}");
        ui.problem(&Problem { message, ..refusal.into() }, Gravity::Warning);
    }
}
