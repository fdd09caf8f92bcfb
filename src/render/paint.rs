//! The few colours in use; each only underlines what the words say already.

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
