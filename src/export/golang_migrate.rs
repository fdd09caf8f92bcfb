//! golang-migrate: two files, each sent as a whole. It begins no transaction: several statements at once are one.

use super::{File, Files, Format, Item, Numbers, Order, Shape, two_each};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "golang-migrate",
    summary: "migrations/STAMP_NAME.up.sql and .down.sql",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Stamp,
        folders: false,
        next: "migrate -path DIR -database URL up",
        write,
    }),
};

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    two_each(items, |_, sql| sql.to_owned())
}
