//! goose: one file with both halves, cut into statements by us and not by semicolons.

use super::item::pieces;
use super::{File, Files, Format, Item, Numbers, Order, Shape, one_each};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "goose",
    summary: "migrations/STAMP_NAME.sql, up and down",
    shape: Shape::Files(Files { manner: Manner::Online, order: Order::Stamp, folders: false, next: "goose up", write }),
};

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    one_each(items, |item| {
        let outside = if item.is_outside() { "-- +goose NO TRANSACTION\n" } else { "" };
        let (up, down) = (statements(&item.up_pieces()), statements(&pieces(&item.down)));
        let text = format!("{outside}-- +goose Up\n{up}\n-- +goose Down\n{down}");
        (format!("{}_{}.sql", item.stamp(), item.title()), text)
    })
}

fn statements(pieces: &[&str]) -> String {
    let piece = |sql: &&str| format!("-- +goose StatementBegin\n{sql}\n-- +goose StatementEnd\n");
    pieces.iter().map(piece).collect::<Vec<_>>().concat()
}
