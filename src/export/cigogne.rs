//! cigogne: one file with both halves. It cuts them into statements itself, but knows no comments and no quoted names, and
//! in a text between dollar signs no lone dollar sign.

use super::item::pieces;
use super::{File, Files, Format, Item, Numbers, Order, Shape, one_each};
use crate::migration::plan::Manner;
use crate::migration::statements::{Token, tokens};

pub(super) const FORMAT: Format = Format {
    name: "cigogne",
    summary: "priv/migrations/STAMP-NAME.sql, up and down",
    shape: Shape::Files(Files {
        manner: Manner::Online,
        order: Order::Stamp,
        folders: false,
        next: "gleam run -m cigogne all",
        write,
    }),
};

fn write(items: &[Item<'_>], _: &Numbers) -> Vec<File> {
    one_each(items, |item| {
        let outside = if item.is_outside() { ":disable_transaction" } else { "" };
        // Only the way up can leave the transaction.
        let down = if item.is_outside() { item.down.replace(" concurrently", "") } else { item.down.clone() };
        let text = format!(
            "--- migration:up{outside}\n{}\n--- migration:down\n{}\n--- migration:end\n",
            statements(&item.up),
            statements(&down),
        );
        (format!("{}-{}.sql", item.stamp(), item.title()), text)
    })
}

fn statements(sql: &str) -> String {
    pieces(sql).into_iter().map(plain).collect::<Vec<_>>().join("\n")
}

/// Leaves comments away, puts texts that hold dollar signs between apostrophes, and escapes what it would misread in names.
fn plain(sql: &str) -> String {
    let mut plain = String::new();
    for (token, range) in tokens(sql) {
        let text = &sql[range];
        match token {
            Token::Comment => {
                plain.truncate(plain.trim_end_matches(' ').len());
                plain.truncate(plain.strip_suffix('\n').map_or(plain.len(), str::len));
            }
            Token::Quoted => plain += &quoted(text).unwrap_or_else(|| text.to_owned()),
            Token::Other => plain += text,
        }
    }
    format!("{}\n", plain.trim())
}

fn quoted(text: &str) -> Option<String> {
    if let Some(name) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        let escaped = |c: char| if "\\;'$".contains(c) { format!("\\{:04X}", u32::from(c)) } else { c.to_string() };
        return name
            .contains([';', '\'', '$'])
            .then(|| format!("U&\"{}\"", name.chars().map(escaped).collect::<String>()));
    }
    let tag = text.strip_prefix('$')?.find('$')? + 2;
    let inner = &text[tag..text.len() - tag];
    inner.contains('$').then(|| format!("'{}'", inner.replace('\'', "''")))
}
