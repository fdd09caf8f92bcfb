//! Flyway: a file for each way, and one with settings beside it where it needs any.

use super::{File, Files, Format, Item, Numbers, Order, Shape};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "flyway",
    summary: "sql/VSTAMP__NAME.sql and USTAMP__NAME.sql",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Stamp,
        folders: false,
        next: "flyway migrate, with flyway.postgresql.transactional.lock=false: its own lock would block an online build",
        write,
    }),
};

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    let files = |item: &Item<'_>| {
        let ways = [('V', item.up_pieces().join("\n\n") + "\n"), ('U', item.down.clone())];
        ways.into_iter().flat_map(|(way, sql)| script(item, way, sql)).collect::<Vec<File>>()
    };
    items.iter().flat_map(files).collect()
}

fn script(item: &Item<'_>, way: char, sql: String) -> Vec<File> {
    let path = format!("{way}{}__{}.sql", item.stamp(), item.title());
    let mut settings = String::new();
    if item.is_outside() {
        settings += "executeInTransaction=false\n";
    }
    if sql.contains("${") {
        settings += "placeholderReplacement=false\n";
    }
    let conf = (!settings.is_empty()).then(|| File::new(format!("{path}.conf"), settings));
    std::iter::once(File::new(path, sql)).chain(conf).collect()
}
