//! Annotations that GitHub Actions shows beside a run.

use super::problem::Gravity;
use crate::migration::grantee::Standing;
use crate::migration::status::Status;
use crate::schema::drift::Difference;
use crate::schema::verdict::Strictness;

/// Writes one workflow command for each problem of a status, `::error title=…::…`.
///
/// Source: "Workflow commands for GitHub Actions", with its escapes for the data of a command.
#[must_use]
pub fn text(status: &Status<'_>, drift: &[Difference], strictness: Strictness) -> String {
    let faults = status.faults.iter().map(|fault| annotation("history", &fault.to_string()));
    let pending = status.pending().into_iter().map(|migration| {
        annotation("pending", &format!("{} {} {} is pending", migration.module, migration.version, migration.name))
    });
    let missing = status.modules.is_empty().then(|| annotation("pending", "Pevensie is not installed"));
    let drift = drift.iter().map(|difference| {
        let gravity = if strictness.minds(difference) { Gravity::Error } else { Gravity::Warning };
        command(gravity, "drift", &difference.to_string())
    });
    faults.chain(pending).chain(missing).chain(drift).collect()
}

/// Writes one workflow command for each privilege that a role lacks or has too much.
#[must_use]
pub fn standing(Standing { role, lacks, excess }: &Standing, strictness: Strictness) -> String {
    let gravity = match strictness {
        Strictness::Lenient => Gravity::Warning,
        Strictness::Strict => Gravity::Error,
    };
    let lacks = lacks.iter().map(|right| annotation("role", &format!("role {role} lacks {right}")));
    let excess = excess.iter().map(|excess| command(gravity, "role", &format!("too much for role {role}: {excess}")));
    lacks.chain(excess).collect()
}

/// Writes in front of each message where that is.
#[must_use]
pub fn at(place: &str, annotations: &str) -> String {
    let commands = annotations.lines().filter_map(|line| line.strip_prefix("::")?.split_once("::"));
    let commands = commands.map(|(command, message)| format!("::{command}::{}: {message}\n", escaped(place)));
    commands.collect::<Vec<_>>().concat()
}

fn annotation(title: &str, message: &str) -> String {
    command(Gravity::Error, title, message)
}

fn command(gravity: Gravity, title: &str, message: &str) -> String {
    let level = match gravity {
        Gravity::Error => "error",
        Gravity::Warning => "warning",
    };
    format!("::{level} title=pevensie-pg {title}::{}\n", escaped(message))
}

fn escaped(data: &str) -> String {
    data.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::bundle::Bundle;
    use crate::migration::grantee::Excess;
    use crate::migration::ledger::{Ledger, Row};
    use crate::migration::module::Module;
    use crate::migration::right::{Kind, Object, Privilege, Right};

    #[test]
    fn what_a_role_lacks_is_an_error_and_what_it_has_too_much_as_strict_as_one_is() {
        let object = Object { kind: Kind::Table, identity: "cache".to_owned() };
        let lacks = vec![Right { object, privileges: vec![Privilege::Select] }];
        let role = Standing { role: "app".parse().unwrap(), lacks, excess: vec![Excess::Superuser] };
        for (strictness, level) in [(Strictness::Lenient, "warning"), (Strictness::Strict, "error")] {
            assert_eq!(
                standing(&role, strictness),
                format!(
                    "::error title=pevensie-pg role::role \"app\" lacks select on table pevensie.cache\n\
                     ::{level} title=pevensie-pg role::too much for role \"app\": superuser\n"
                )
            );
        }
    }

    #[test]
    fn each_problem_is_one_line() {
        let bundle = Bundle::of_november_2026();
        let row = Row { module: "base".to_owned(), version: "20991231000000".to_owned(), checksum: None };
        let ledger = Ledger::Legacy(vec![row]);
        let status = Status::of(&bundle, &ledger, &[Module::Cache]);
        insta::assert_snapshot!(text(&status, &[], Strictness::Lenient), @r"
        ::error title=pevensie-pg history::base 20991231000000 is not known to this binary, whose newest is 20261121041000
        ::error title=pevensie-pg pending::cache 20241222140532 cache is pending
        ::error title=pevensie-pg pending::cache 20261121041300 key_per_resource_type is pending
        ::error title=pevensie-pg pending::cache 20261121041400 cache_expires_at_idx is pending
        ");
        assert_eq!(annotation("x", "a%\nb"), "::error title=pevensie-pg x::a%25%0Ab\n");
        let several = annotation("x", "a::b") + &annotation("y", "c");
        assert_eq!(
            at("100%", &several),
            "::error title=pevensie-pg x::100%25: a::b\n::error title=pevensie-pg y::100%25: c\n"
        );
    }
}
