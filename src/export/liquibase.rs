//! Liquibase: a formatted changelog for each migration, for `includeAll`; sent as a whole.

use super::{File, Files, Format, Item, Numbers, Order, Shape, one_each};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "liquibase",
    summary: "STAMP_NAME.sql, a formatted changelog with rollback",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Stamp,
        folders: false,
        next: "liquibase update",
        write,
    }),
};

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    one_each(items, |item| {
        let title = item.title();
        let outside = if item.is_outside() { " runInTransaction:false" } else { "" };
        let rollback = item.down.lines().map(|line| format!("--rollback {line}\n")).collect::<Vec<_>>().concat();
        let text = format!(
            "--liquibase formatted sql\n\n\
             --changeset pevensie:{title} splitStatements:false stripComments:false rollbackSplitStatements:false{outside}\n\
             {}{rollback}",
            item.up,
        );
        (format!("{}_{title}.sql", item.stamp()), text)
    })
}
