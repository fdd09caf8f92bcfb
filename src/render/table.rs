//! Text in columns.

use console::{Alignment, measure_text_width, pad_str};

/// How much room a line has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// As much as it needs.
    Endless,
    /// So many columns of a terminal.
    Columns(usize),
}

impl Room {
    /// Says whether every line of a text fits.
    #[must_use]
    pub fn holds(self, text: &str) -> bool {
        match self {
            Self::Endless => true,
            Self::Columns(columns) => text.lines().all(|line| measure_text_width(line) <= columns),
        }
    }
}

/// Aligns rows in columns two blanks apart, with no blanks at the ends of lines.
#[must_use]
pub fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|s| measure_text_width(s)).max();
    let widths: Vec<usize> = (0..).map_while(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| pad_str(cell, *width, Alignment::Left, None));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::paint;
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_seen_in_them() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [row(["a", "ü", "x"]), row([&paint::bold("bcd"), "日本", ""]), row(["", "", "y"])];
        let plain = console::strip_ansi_codes(&columns(&rows)).into_owned();
        assert_eq!(plain, "a    ü     x\nbcd  日本\n           y\n");
        for (room, holds) in [(Room::Columns(12), true), (Room::Columns(11), false), (Room::Endless, true)] {
            assert_eq!(room.holds(&columns(&rows)), holds, "{room:?}");
        }
    }
}
