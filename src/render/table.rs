//! Text in columns.

use console::{Alignment, measure_text_width, pad_str};

/// Aligns rows in columns two blanks apart, with no blanks at the ends of lines.
#[must_use]
pub fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|s| measure_text_width(s)).max();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = if column + 1 == row.len() { 0 } else { width(column).unwrap_or_default() };
            pad_str(cell, width, Alignment::Left, None).into_owned()
        });
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
    }
}
