//! dbmate: one file with both halves, each sent as a whole.

use super::{File, Files, Format, Item, Numbers, Order, Shape, one_each};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "dbmate",
    summary: "db/migrations/STAMP_NAME.sql, up and down",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Stamp,
        folders: false,
        next: "dbmate up",
        write,
    }),
};

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    one_each(items, |item| {
        let outside = if item.is_outside() { " transaction:false" } else { "" };
        let text = format!("-- migrate:up{outside}\n{}\n-- migrate:down{outside}\n{}", item.up, item.down);
        (format!("{}_{}.sql", item.stamp(), item.title()), text)
    })
}
