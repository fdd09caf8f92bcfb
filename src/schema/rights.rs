//! What the application's role needs, read from the catalogs of the modules.

use super::catalog;
use super::expected::Expected;
use super::repair;
use crate::migration::bundle::Bundle;
use crate::migration::ledger::Ledger;
use crate::migration::module::Level;
use crate::migration::right::{Kind, Object, Privilege, Right};

/// What the driver does with the objects of a kind, or with a table of this name where that is less.
///
/// Values of a type can be written and read without any privilege on it; what deleted users leave behind is deleted in the
/// name of the owner of the tables.
const PRIVILEGES: [(Kind, Option<&str>, &[Privilege]); 4] = {
    use Privilege::{Delete, Execute, Insert, Select, Update, Usage};
    [
        (Kind::Schema, None, &[Usage]),
        (Kind::Function, None, &[Execute]),
        (Kind::Table, Some("one_time_token"), &[Select, Insert, Update]),
        (Kind::Table, None, &[Select, Insert, Update, Delete]),
    ]
};

/// What does no harm besides: what everybody has by default, and what the ledger's readers need.
const HARMLESS: [(Kind, &[Privilege]); 4] = [
    (Kind::Function, &[Privilege::Execute]),
    (Kind::Type, &[Privilege::Usage]),
    (Kind::Table, &[Privilege::Select]),
    (Kind::Sequence, &[Privilege::Select]),
];

/// The sequence behind `migration_log.id`, which no catalog lists: it belongs to its column.
const LEDGER_SEQUENCE: &str = "migration_log_id_seq";

/// Returns what the driver needs of these modules: the schema, the functions that their tables call, and the tables.
#[must_use]
pub fn needed(bundle: &Bundle, levels: &[Level]) -> Vec<Right> {
    let ledger = Ledger::at(levels);
    if ledger == Ledger::Absent {
        return Vec::new();
    }
    let expected = of_modules(bundle, levels);
    let of_kind = |kind| objects(&expected).filter(move |object| object.kind == kind);
    let called = called(&bundle.applied(&ledger), &expected);
    let schema = Object { kind: Kind::Schema, identity: "pevensie".to_owned() };
    let functions = of_kind(Kind::Function).filter(|function| called.contains(&function.identity));
    std::iter::once(schema).chain(functions).chain(of_kind(Kind::Table)).map(right).collect()
}

/// Returns what a role may have on the objects of these modules, and on the ledger, without having too much.
#[must_use]
pub fn harmless(bundle: &Bundle, levels: &[Level]) -> Vec<Right> {
    let needed = needed(bundle, levels);
    let besides = |object: Object| {
        let privileges =
            HARMLESS.iter().find(|(kind, _)| *kind == object.kind).map(|(_, privileges)| privileges.to_vec());
        Right { object, privileges: privileges.unwrap_or_default() }
    };
    let sequence = Object { kind: Kind::Sequence, identity: LEDGER_SEQUENCE.to_owned() };
    let ours = Expected::ledger().and(of_modules(bundle, levels));
    let others = objects(&ours).chain([sequence]).filter(|object| needed.iter().all(|right| right.object != *object));
    let others: Vec<Right> = others.map(besides).collect();
    needed.into_iter().chain(others).collect()
}

fn of_modules(bundle: &Bundle, levels: &[Level]) -> Expected {
    let modules = levels.iter().map(|&(module, version)| Expected::of_module(bundle, module, version));
    modules.fold(Expected::default(), Expected::and)
}

/// Those of the objects that privileges are for.
fn objects(expected: &Expected) -> impl Iterator<Item = Object> {
    expected.objects().filter_map(|(catalog::Object { kind, identity }, _)| {
        let kind = match kind.as_str() {
            "table" => Kind::Table,
            "function" => Kind::Function,
            "enum" => Kind::Type,
            _ => return None,
        };
        Some(Object { kind, identity: identity.clone() })
    })
}

fn right(object: Object) -> Right {
    let is_it = |(kind, name, _): &&(Kind, Option<&str>, &[Privilege])| {
        *kind == object.kind && name.is_none_or(|name| name == object.identity)
    };
    let privileges = PRIVILEGES.iter().find(is_it).map(|(_, _, privileges)| privileges.to_vec());
    Right { object, privileges: privileges.unwrap_or_default() }
}

/// The functions that the tables call, for a default or within an index, and those that these call in turn: all of them
/// run as who writes.
fn called(applied: &Bundle, expected: &Expected) -> Vec<String> {
    let is_function = |object: &catalog::Object| object.kind == "function";
    let functions: Vec<&str> = expected
        .objects()
        .filter(|(object, _)| is_function(object))
        .map(|(object, _)| object.identity.as_str())
        .collect();
    let parts = expected.objects().filter(|(object, _)| !is_function(object));
    let mut texts: Vec<String> = parts.flat_map(|(_, definitions)| definitions.to_vec()).collect();
    let mut called: Vec<String> = Vec::new();
    while let Some(text) = texts.pop() {
        for function in functions.iter().filter(|function| calls(&text, function)) {
            if !called.iter().any(|known| known == function) {
                called.push((*function).to_owned());
                texts.extend(repair::function(applied, function));
            }
        }
    }
    called
}

/// Says whether a text calls a function; overloads are told apart by whether they have arguments.
fn calls(text: &str, function: &str) -> bool {
    let Some((name, arguments)) = function.split_once('(') else { return false };
    let call = format!("pevensie.{name}(");
    text.split(&call).skip(1).any(|rest| rest.starts_with(')') == (arguments == ")"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::module::Module;

    fn rights(modules: &[(Module, Option<&str>)]) -> Vec<String> {
        let bundle = Bundle::of_november_2026();
        let level = |&(module, version): &(Module, Option<&str>)| {
            (module, version.map_or_else(|| bundle.newest(module), |version| Some(version.parse().unwrap())))
        };
        let levels: Vec<_> = modules.iter().map(level).collect();
        needed(&bundle, &levels).iter().map(ToString::to_string).collect()
    }

    const ALL: &str = "select, insert, update, delete on table pevensie.";

    #[test]
    fn each_module_needs_its_tables_and_what_they_call() {
        use Module::{Auth, Base, Cache};
        assert_eq!(rights(&[(Base, None)]), ["usage on schema pevensie"]);
        assert_eq!(rights(&[(Base, None), (Cache, None)]), ["usage on schema pevensie", &format!("{ALL}cache")]);
        let auth = [
            "usage on schema pevensie",
            "execute on function pevensie.uuid7()",
            "execute on function pevensie.uuid7(timestamp with time zone)",
            &format!("{ALL}\"user\""),
            "select, insert, update on table pevensie.one_time_token",
            &format!("{ALL}session"),
        ];
        let first = Some("20241222140532");
        assert_eq!(rights(&[(Base, first), (Auth, first)]), auth);
        // Its second generation calls no other function any more.
        assert_eq!(rights(&[(Base, None), (Auth, None)]), [&auth[..2], &auth[3..]].concat());
        assert_eq!(needed(&Bundle::of_november_2026(), &[(Base, None)]), []);
    }

    #[test]
    fn what_everybody_has_and_reading_the_ledger_does_no_harm() {
        let bundle = Bundle::of_november_2026();
        let levels = [Module::Base, Module::Auth].map(|module| (module, bundle.newest(module)));
        let all: Vec<String> = harmless(&bundle, &levels).iter().map(ToString::to_string).collect();
        assert_eq!(
            all[5..],
            [
                "usage on type pevensie.module",
                "usage on type pevensie.one_time_token_type",
                "execute on function pevensie.uuid7(timestamp with time zone)",
                "select on table pevensie.migration_log",
                "select on table pevensie.module_version",
                "select on sequence pevensie.migration_log_id_seq",
            ]
        );
    }
}
