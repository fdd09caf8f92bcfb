//! Who is in the way, as people are told.

use crate::pg::holder::Holder;

/// Says who holds the migration lock.
#[must_use]
pub fn held_by(holder: Option<&Holder>) -> String {
    holder.map(|holder| format!("\n  held by: {}", described(holder))).unwrap_or_default()
}

/// Says whom a statement waits for.
#[must_use]
pub fn blocked_by(blockers: &[Holder]) -> String {
    let lines = blockers.iter().map(|blocker| format!("\n  blocked by: {}", described(blocker)));
    lines.collect::<Vec<_>>().concat()
}

/// Who it is, what it is doing, since when and by which statement; what is not known is left out.
fn described(Holder { pid, role, application, state, since, query }: &Holder) -> String {
    if pid == "0" {
        return "a prepared transaction; see pg_prepared_xacts".to_owned();
    }
    let application = application.as_deref().unwrap_or("a session");
    let role = role.iter().map(|role| format!(", role {role}"));
    let state = state.iter().map(|state| format!(", {state}"));
    let since = since.iter().map(|since| format!("\n  since: {since} UTC"));
    let query = query.iter().map(|query| format!("\n  query: {}", console::truncate_str(query, 70, "…")));
    let process = [format!("\n  process: {pid}")];
    let about: String = role.chain(process).chain(state).chain(since).chain(query).collect();
    format!("{application}{about}")
}
