//! node-pg-migrate: one SQL file with both halves, each sent as a whole; JavaScript where it has to leave its transaction.

use super::{File, Files, Format, Item, Numbers, Order, Shape, one_each};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "node-pg-migrate",
    summary: "migrations/STAMP_NAME.sql, up and down",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Stamp,
        folders: false,
        next: "node-pg-migrate up",
        write,
    }),
};

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    one_each(items, |item| {
        let (extension, text) = if item.is_outside() { ("cjs", javascript(item)) } else { ("sql", sql(item)) };
        (format!("{}000_{}.{extension}", item.stamp(), item.title()), text)
    })
}

fn sql(item: &Item<'_>) -> String {
    format!("-- Up Migration\n{}\n-- Down Migration\n{}", item.up, item.down)
}

fn javascript(item: &Item<'_>) -> String {
    let half = |way: &str, statements: &[&str]| {
        let calls = statements.iter().map(|sql| format!("  pgm.sql({});\n", quoted(sql))).collect::<Vec<_>>().concat();
        format!("exports.{way} = (pgm) => {{\n  pgm.noTransaction();\n{calls}}};\n")
    };
    format!("{}\n{}", half("up", &item.up_pieces()), half("down", &[&item.down]))
}

/// A string of JSON is one of JavaScript.
fn quoted(sql: &str) -> String {
    serde_json::Value::from(sql).to_string()
}
