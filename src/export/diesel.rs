//! Diesel: a folder for each migration, each file sent as a whole.

use super::{File, Files, Format, Item, Numbers, Order, Shape};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "diesel",
    summary: "migrations/YYYY-MM-DD-HHMMSS_NAME/up.sql and down.sql",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Stamp,
        folders: true,
        next: "diesel migration run",
        write,
    }),
};

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    items.iter().flat_map(folder).collect()
}

fn folder(item: &Item<'_>) -> Vec<File> {
    let stamp = format!("{:014}", item.stamp());
    let (year, month, day, time) = (&stamp[..4], &stamp[4..6], &stamp[6..8], &stamp[8..]);
    let file = |name: &str, text: &str| {
        File::new(format!("{year}-{month}-{day}-{time}_{}/{name}", item.title()), text.to_owned())
    };
    let mut files = vec![file("up.sql", &item.up), file("down.sql", &item.down)];
    if item.is_outside() {
        files.push(file("metadata.toml", "run_in_transaction = false\n"));
    }
    files
}
