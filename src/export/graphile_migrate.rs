//! graphile-migrate: numbered files of `migrations/current`, which it runs again and again; no way back.
//!
//! What it has committed is a chain of its own hashes. There, one that leaves the transaction has to stand alone.

use super::{File, Files, Format, Item, Numbers, Order, Shape};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "graphile-migrate",
    summary: "migrations/current/001-NAME.sql, numbered, up only",
    shape: Shape::Files(Files {
        manner: Manner::Transaction,
        order: Order::Number,
        folders: false,
        next: "graphile-migrate watch --once, then graphile-migrate commit",
        write,
    }),
};

const REPEATABLE: &str = include_str!("../../sql/export/repeatable.sql");

fn write(items: &[Item<'_>], numbers: &Numbers) -> Vec<File> {
    let file =
        |(number, item): (u64, &Item<'_>)| File::new(format!("{number:03}-{}.sql", item.title()), repeatable(item));
    numbers.number(items).into_iter().map(file).collect()
}

fn repeatable(item: &Item<'_>) -> String {
    let mut tag = "$pevensie$".to_owned();
    while item.up.contains(&tag) {
        tag.insert(tag.len() - 1, '_');
    }
    REPEATABLE
        .replace(":module", item.migration.module.name())
        .replace(":version", &item.migration.version.timestamp())
        .replace(":tag", &tag)
        .replace(":sql", &item.up)
}
