//! What somebody sees who looks at a terminal.

use std::num::NonZeroU16;

use anstyle::{AnsiColor, Color, Style};
use regex::Regex;

/// What differs from run to run, and what documents have in its place. Columns stay where they are.
const CONSTANT: &[(&str, &str)] = &[
    (r"\bdb_p\d+_\d+\b", "shop"),
    (r"\b(app|dba)_p\d+_\d+\b", "$1"),
    (r"pevensie_rehearsal_[a-z]{10}\b", "pevensie_rehearsal_qzkvwhtbxa"),
    (r"127\.0\.0\.1:\d+", "db.internal"),
    (r"\bPostgreSQL \d+\.\d+", "PostgreSQL 18.1"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "2026-11-24 11:20:40"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d  (\S*3 months)", "2026-08-19 08:30  $1"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d  (\S*3 days)", "2026-11-21 10:14  $1"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d  (\S*just now|up |down |adopt )", "2026-11-24 11:20  $1"),
    (r"\bprocess: \d+", "process: 48213"),
    (r"[-\\|/] \d+ s  waiting", "/ 12 s  waiting"),
    (r" in \d+(\.\d+)? (ms|s)\b", " in 874 ms"),
    (r"[ \d.]{4} ms  |[ \d.]{5} s  ", "  12 ms  "),
];

/// What a screen is in a document.
pub(crate) fn constant(text: String) -> String {
    CONSTANT.iter().fold(text, |text, (pattern, replacement)| {
        Regex::new(pattern).expect("it is one").replace_all(&text, *replacement).into_owned()
    })
}

/// More than any test writes.
const ROWS: NonZeroU16 = NonZeroU16::new(120).expect("it is not zero");

/// A terminal's screen, with its colours.
pub(crate) struct Screen(vt100::Parser);

impl Screen {
    /// What becomes of what was written to a terminal of so many columns.
    pub(super) fn of(written: &[u8], columns: u16) -> Self {
        let columns = NonZeroU16::new(columns).expect("a terminal has columns");
        let mut parser = vt100::Parser::new(ROWS, columns, 0);
        parser.process(written);
        Self(parser)
    }

    /// The text, without colours.
    pub(crate) fn text(&self) -> String {
        self.0.screen().contents()
    }

    pub(crate) fn is_cursor_hidden(&self) -> bool {
        self.0.screen().hide_cursor()
    }

    /// The lines that are too long for the terminal.
    pub(crate) fn wrapped(&self) -> Vec<String> {
        let (screen, columns) = (self.0.screen(), self.0.screen().size().1.get());
        let rows = screen.rows(0, columns).zip(0..).filter(|&(_, row)| screen.row_wrapped(row));
        rows.map(|(text, _)| text).collect()
    }

    /// The lines with their colours, as they were written, without any movement of the cursor.
    pub(crate) fn painted(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for row in 0..ROWS.get() {
            match lines.last_mut() {
                Some(line) if self.0.screen().row_wrapped(row - 1) => line.push_str(&self.line(row)),
                _ => lines.push(self.line(row)),
            }
        }
        let used = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        lines.truncate(used);
        lines
    }

    fn line(&self, row: u16) -> String {
        let screen = self.0.screen();
        let used = screen.rows(0, screen.size().1.get()).nth(row.into()).unwrap_or_default();
        let width = u16::try_from(console::measure_text_width(used.trim_end())).expect("it fits the terminal");
        let mut pieces: Vec<(Style, String)> = Vec::new();
        for cell in (0..width).filter_map(|column| screen.cell(row, column)) {
            let (style, text) = (style(cell), if cell.has_contents() { cell.contents() } else { " " });
            match pieces.last_mut() {
                Some((last, piece)) if *last == style => piece.push_str(text),
                _ => pieces.push((style, text.to_owned())),
            }
        }
        let painted: Vec<_> = pieces.into_iter().map(|(style, text)| format!("{style}{text}{style:#}")).collect();
        painted.concat()
    }
}

fn style(cell: &vt100::Cell) -> Style {
    let color = match cell.fgcolor() {
        vt100::Color::Default => None,
        vt100::Color::Idx(1) => Some(AnsiColor::Red),
        vt100::Color::Idx(3) => Some(AnsiColor::Yellow),
        vt100::Color::Idx(6) => Some(AnsiColor::Cyan),
        other @ (vt100::Color::Idx(_) | vt100::Color::Rgb(..)) => panic!("{other:?} is none of our colours"),
    };
    assert_eq!(cell.bgcolor(), vt100::Color::Default, "the background is everybody's own");
    let style = Style::new().fg_color(color.map(Color::Ansi));
    let style = if cell.bold() { style.bold() } else { style };
    if cell.dim() { style.dimmed() } else { style }
}
