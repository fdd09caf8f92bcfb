//! Sqitch: three files for each change, which psql runs, and the plan, in which others have their lines, too.

use super::psql;
use super::{File, Files, Format, Item, Numbers, Order, Shape};
use crate::migration::migration::Migration;
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "sqitch",
    summary: "deploy/, revert/, verify/NAME.sql, and lines of sqitch.plan",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Stamp,
        folders: true,
        next: "sqitch deploy --verify",
        write,
    }),
};

const VERIFY_INDEX: &str = include_str!("../../sql/export/verify_index.sql");
const VERIFY_VERSION: &str = include_str!("../../sql/export/verify_version.sql");

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    let plan: String = items.iter().map(line).collect();
    let plan = format!("%syntax-version=1.0.0\n%project=pevensie\n\n{plan}");
    let plan = File { path: "sqitch.plan".to_owned(), text: plan, is_list: true };
    items.iter().flat_map(change).chain([plan]).collect()
}

fn change(item: &Item<'_>) -> [File; 3] {
    let title = item.title();
    let transaction = |sql: &str| format!("begin;\n\n{sql}\ncommit;\n");
    let (up, down) = if item.is_outside() {
        (psql::discard(item.migration) + "\n" + &item.up, item.down.clone())
    } else {
        (transaction(&item.up), transaction(&item.down))
    };
    [("deploy", up), ("revert", down), ("verify", verify(item))]
        .map(|(folder, text)| File::new(format!("{folder}/{title}.sql"), text))
}

fn verify(item: &Item<'_>) -> String {
    if item.is_outside() {
        return VERIFY_INDEX.replace(":index", &item.migration.index().unwrap_or_default());
    }
    let Migration { module, version, .. } = item.migration;
    VERIFY_VERSION.replace(":module", module.name()).replace(":version", &version.timestamp())
}

/// A line of the plan. Sqitch makes the change's identity of it: it must never change.
fn line(item: &Item<'_>) -> String {
    let stamp = format!("{:014}", item.stamp());
    let date = format!("{}-{}-{}", &stamp[..4], &stamp[4..6], &stamp[6..8]);
    let time = format!("{}:{}:{}", &stamp[8..10], &stamp[10..12], &stamp[12..]);
    let (module, name) = (item.migration.module, item.migration.name.replace('_', " "));
    format!("{} {date}T{time}Z pevensie-pg <pevensie-pg@localhost> # Pevensie, {module}: {name}\n", item.title())
}
