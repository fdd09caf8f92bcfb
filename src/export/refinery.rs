//! refinery: small numbers, as its versions have 32 bits, and no way back. It knows transactions only.

use super::{File, Files, Format, Item, Numbers, Order, Shape};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "refinery",
    summary: "migrations/V1__NAME.sql, numbered, up only",
    shape: Shape::Files(Files {
        manner: Manner::Transaction,
        order: Order::Number,
        folders: false,
        next: "refinery migrate",
        write,
    }),
};

fn write(items: &[Item<'_>], numbers: &Numbers) -> Vec<File> {
    let file =
        |(number, item): (u64, &Item<'_>)| File::new(format!("V{number}__{}.sql", item.title()), item.up.clone());
    numbers.number(items).into_iter().map(file).collect()
}
