//! The few colours in use; each only repeats what the words say already.

use std::borrow::Cow;
use std::fmt::Display;

/// A heading.
pub fn bold(text: impl Display) -> String {
    console::style(text).force_styling(true).bold().to_string()
}

/// What matters less.
pub fn dim(text: impl Display) -> String {
    console::style(text).force_styling(true).dim().to_string()
}

/// What is as it should be.
pub fn good(text: impl Display) -> String {
    console::style(text).force_styling(true).cyan().to_string()
}

/// What wants attention.
pub fn attention(text: impl Display) -> String {
    console::style(text).force_styling(true).yellow().to_string()
}

/// What is wrong.
pub fn bad(text: impl Display) -> String {
    console::style(text).force_styling(true).red().bold().to_string()
}

/// Writes out the characters that a terminal would obey, as `\u{1b}`, except ends of lines, tabs and colours.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    let is_obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(is_obeyed) {
        return text.into();
    }
    let mut written = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = color(rest).unwrap_or(first.len_utf8());
        if is_obeyed(first) && length == first.len_utf8() {
            written.extend(first.escape_unicode());
        } else {
            written.push_str(&rest[..length]);
        }
        rest = &rest[length..];
    }
    written.into()
}

/// Returns how long the sequence for a colour is that a text begins with.
fn color(text: &str) -> Option<usize> {
    let numbers = text.strip_prefix("\u{1b}[")?;
    let end = numbers.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    numbers[end..].starts_with('m').then_some("\u{1b}[m".len() + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colours_are_left_to_the_terminal() {
        for (text, expected) in [
            ("", ""),
            ("a\tb\nc", "a\tb\nc"),
            ("\u{1b}[1;31mred\u{1b}[0m\n", "\u{1b}[1;31mred\u{1b}[0m\n"),
            ("a\u{1b}[2Jb\u{7}", r"a\u{1b}[2Jb\u{7}"),
            ("\u{1b}[1;31m\u{7}", "\u{1b}[1;31m\\u{7}"),
            ("\u{1b}", r"\u{1b}"),
            ("\u{1b}[1", r"\u{1b}[1"),
            ("\u{1b}]0;title\u{7}\r", r"\u{1b}]0;title\u{7}\u{d}"),
            ("\u{9b}2J\u{1b}\u{1b}[m", "\\u{9b}2J\\u{1b}\u{1b}[m"),
        ] {
            assert_eq!(harmless(text), expected, "{text:?}");
        }
    }
}
