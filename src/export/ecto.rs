//! Ecto: an Elixir module for each migration, one `execute` for each statement.

use super::item::pieces;
use super::{File, Files, Format, Item, Numbers, Order, Shape, one_each};
use crate::migration::plan::Manner;

pub(super) const FORMAT: Format = Format {
    name: "ecto",
    summary: "priv/repo/migrations/STAMP_NAME.exs, up and down",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Stamp,
        folders: false,
        next: "mix ecto.migrate",
        write,
    }),
};

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    one_each(items, |item| (format!("{}_{}.exs", item.stamp(), item.title()), module(item)))
}

fn module(item: &Item<'_>) -> String {
    let name: String = item.title().split('_').map(capitalized).collect();
    let outside =
        if item.is_outside() { "  @disable_ddl_transaction true\n  @disable_migration_lock true\n" } else { "" };
    format!(
        "defmodule {name} do\n  use Ecto.Migration\n{outside}\n  def up do\n{}  end\n\n  def down do\n{}  end\nend\n",
        calls(&item.up_pieces()),
        calls(&pieces(&item.down)),
    )
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn calls(pieces: &[&str]) -> String {
    pieces.iter().map(|sql| format!("    execute({})\n", text(sql))).collect::<Vec<_>>().join("\n")
}

/// The text of a heredoc without escapes stands as it is, where its end does: at the beginning of the line. It has one
/// escape nevertheless: a backslash before what would end it is lost.
fn text(sql: &str) -> String {
    let fits = |fence: &&str| {
        let ends_it = |line: &str| line.trim_start().starts_with(fence);
        !sql.lines().any(ends_it) && !sql.contains(&format!("\\{fence}"))
    };
    match ["\"\"\"", "'''"].into_iter().find(fits) {
        Some(fence) => format!("~S{fence}\n{sql}\n{fence}"),
        None => format!("\"{}\"", sql.replace('\\', r"\\").replace('"', "\\\"").replace("#{", r"\#{")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_heredoc_or_loses_a_backslash() {
        for (sql, expected) in [
            ("select '\\ \"\"\"'", "~S\"\"\"\nselect '\\ \"\"\"'\n\"\"\""),
            ("select '\n\"\"\"'", "~S'''\nselect '\n\"\"\"'\n'''"),
            ("select '\\\"\"\"'", "~S'''\nselect '\\\"\"\"'\n'''"),
            (
                "select '\n\"\"\"\n'''\\n#{x}'",
                r#""select '
\"\"\"
'''\\n\#{x}'""#,
            ),
        ] {
            assert_eq!(text(sql), expected);
        }
    }
}
