//! Atlas: up only; the folder's checksums are Atlas's own.

use super::{File, Files, Format, Item, Numbers, Order, Shape, one_each};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "atlas",
    summary: "migrations/STAMP_NAME.sql, up only",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Stamp,
        folders: false,
        next: "atlas migrate hash, then atlas migrate apply",
        write,
    }),
};

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    one_each(items, |item| {
        let outside = if item.is_outside() { "-- atlas:txmode none\n\n" } else { "" };
        (format!("{}_{}.sql", item.stamp(), item.title()), format!("{outside}{}\n", item.up_pieces().join("\n\n")))
    })
}
