//! sqlx: two files, each sent as a whole; those without a transaction say so in their first bytes.

use super::{File, Files, Format, Item, Numbers, Order, Shape, two_each};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "sqlx",
    summary: "migrations/STAMP_NAME.up.sql and .down.sql",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Stamp,
        folders: false,
        next: "sqlx migrate run",
        write,
    }),
};

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    two_each(items, |item, sql| format!("{}{sql}", if item.is_outside() { "-- no-transaction\n" } else { "" }))
}
