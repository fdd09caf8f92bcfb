//! What became of many databases, a line for each.

use std::collections::BTreeMap;

use super::paint;

/// What is said of one database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// In a word.
    pub word: Word,
    /// In a few more, for the same line.
    pub summary: String,
    /// Whole lines, for below.
    pub details: String,
}

/// What became of a database, in a word; from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// It is as it should be.
    Good,
    /// There was nothing to do.
    Unchanged,
    /// Migrations were applied.
    Applied,
    /// Migrations are pending.
    Pending,
    /// The schema is not what its versions say, or a role lacks something.
    Drifted,
    /// The history is wrong.
    Faulty,
    /// There was an error.
    Failed,
}

impl Word {
    const WIDTH: usize = 9;

    fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unchanged => "unchanged",
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Drifted => "drifted",
            Self::Faulty => "faulty",
            Self::Failed => "failed",
        }
    }

    fn painted(self, text: &str) -> String {
        match self {
            Self::Good | Self::Unchanged | Self::Applied => paint::good(text),
            Self::Pending => paint::attention(text),
            Self::Drifted | Self::Faulty | Self::Failed => paint::bad(text),
        }
    }
}

/// Returns how much room the longest address takes.
#[must_use]
pub fn width(addresses: &[String]) -> usize {
    addresses.iter().map(|address| console::measure_text_width(address)).max().unwrap_or_default()
}

/// Writes a line about one database, its address so wide, and what there is to say below it.
#[must_use]
pub fn row(row: &Row, address: &str, width: usize) -> String {
    let Row { word, summary, details } = row;
    let padding = " ".repeat(Word::WIDTH - word.name().len());
    let address = console::pad_str(address, width, console::Alignment::Left, None);
    let line = format!("{}{padding}  {address}  {summary}", word.painted(word.name()));
    let details = details.lines().flat_map(|line| ["\n  ", line]);
    format!("{}{}\n", line.trim_end(), details.collect::<String>())
}

/// Counts what became of so many databases.
#[must_use]
pub fn summary(words: &BTreeMap<Word, usize>, databases: usize) -> String {
    let counted = |(word, count): (&Word, &usize)| word.painted(&format!("{count} {}", word.name()));
    let untouched = databases - words.values().sum::<usize>();
    let untouched = (untouched > 0).then(|| paint::attention(format!("{untouched} not tried")));
    let counts: Vec<String> = words.iter().map(counted).chain(untouched).collect();
    format!("{}: {}", super::counted(databases, "database"), counts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_reported_line_by_line() {
        let addresses = ["shop".to_owned(), "a longer one".to_owned()];
        assert_eq!((width(&addresses), width(&[])), ("a longer one".len(), 0));
        let good = Row { word: Word::Good, summary: String::new(), details: String::new() };
        let failed = Row { word: Word::Failed, summary: "why".to_owned(), details: "error: x\nhint: y\n".to_owned() };
        let text = row(&good, &addresses[0], width(&addresses)) + &row(&failed, &addresses[1], width(&addresses));
        insta::assert_snapshot!(console::strip_ansi_codes(&text), @r"
        good       shop
        failed     a longer one  why
          error: x
          hint: y
        ");
        let words = BTreeMap::from([(Word::Failed, 1), (Word::Good, 1)]);
        assert_eq!(console::strip_ansi_codes(&summary(&words, 2)), "2 databases: 1 good, 1 failed");
        assert_eq!(console::strip_ansi_codes(&summary(&words, 5)), "5 databases: 1 good, 1 failed, 3 not tried");
    }
}
