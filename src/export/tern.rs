//! tern: numbers without gaps, both halves in one file, which is a Go template.

use super::{File, Files, Format, Item, Numbers, Order, Shape};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "tern",
    summary: "migrations/001_NAME.sql, numbered without gaps, up and down",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Number,
        folders: false,
        next: "tern migrate",
        write,
    }),
};

fn write(items: &[Item<'_>], numbers: &Numbers) -> Vec<File> {
    let file = |(number, item): (u64, &Item<'_>)| {
        let outside = if item.is_outside() { "---- tern: disable-tx ----\n" } else { "" };
        let (up, down) = (escaped(&item.up), escaped(&item.down));
        let text = format!("{outside}{up}\n---- create above / drop below ----\n\n{outside}{down}");
        File::new(format!("{number:03}_{}.sql", item.title()), text)
    };
    numbers.number(items).into_iter().map(file).collect()
}

/// The template's own braces, as a template.
fn escaped(sql: &str) -> String {
    sql.replace("{{", r#"{{ "{{" }}"#)
}
