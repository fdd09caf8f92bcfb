//! Which numbers files get where tools want small ones.

use super::Item;

/// The numbers of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// The number of each file that is there, and what follows it in the name.
    taken: Vec<(u64, String)>,
    /// The first that is free to use.
    next: u64,
}

impl Numbers {
    /// Reads the names of a folder's files. New ones are numbered from `first`, or else from the highest on.
    #[must_use]
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>, first: Option<u64>) -> Self {
        let taken: Vec<(u64, String)> = names.into_iter().filter_map(read).collect();
        let next =
            first.unwrap_or_else(|| taken.iter().map(|&(number, _)| number.saturating_add(1)).max().unwrap_or(1));
        Self { taken, next }
    }

    /// Returns a number for each item: the one it has in the folder, or a new one.
    pub(super) fn number<'i, 'b>(&self, items: &'i [Item<'b>]) -> Vec<(u64, &'i Item<'b>)> {
        let mut next = self.next;
        let number = |item: &'i Item<'b>| {
            let number = self.has(item).unwrap_or_else(|| {
                let number = next;
                next = number.saturating_add(1);
                number
            });
            (number, item)
        };
        items.iter().map(number).collect()
    }

    /// Returns a number that a new file would share with one that is there, or with another new one: beyond the last
    /// number there is none.
    #[must_use]
    pub fn clash(&self, items: &[Item<'_>]) -> Option<u64> {
        let new = self.number(items).into_iter().filter(|(_, item)| self.has(item).is_none());
        let new: Vec<u64> = new.map(|(number, _)| number).collect();
        let is_taken = |&(nth, number): &(usize, u64)| {
            new[..nth].contains(&number) || self.taken.iter().any(|(taken, _)| *taken == number)
        };
        new.iter().copied().enumerate().find(is_taken).map(|(_, number)| number)
    }

    /// The number that an item has already.
    fn has(&self, item: &Item<'_>) -> Option<u64> {
        let title = item.title();
        self.taken.iter().find(|(_, taken)| *taken == title).map(|&(number, _)| number)
    }
}

/// Reads `V12__title.sql`, `012_title.sql` and `012-title.sql`.
fn read(name: &str) -> Option<(u64, String)> {
    let stem = name.rsplit('/').next()?.strip_suffix(".sql")?;
    let stem = stem.strip_prefix('V').unwrap_or(stem);
    let end = stem.find(|c: char| !c.is_ascii_digit()).unwrap_or(stem.len());
    Some((stem[..end].parse().ok()?, stem[end..].trim_start_matches(['_', '-']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::everything;
    use super::*;
    use crate::migration::bundle::Bundle;

    fn numbers(names: &[&str], first: Option<u64>) -> Vec<u64> {
        let bundle = Bundle::embedded();
        let items = everything(&bundle);
        Numbers::of(names.iter().copied(), first).number(&items[..3]).into_iter().map(|(number, _)| number).collect()
    }

    #[test]
    fn a_file_keeps_its_number_and_new_ones_follow_the_highest() {
        assert_eq!(numbers(&[], None), [1, 2, 3]);
        assert_eq!(numbers(&[], Some(7)), [7, 8, 9]);
        assert_eq!(numbers(&["README.md", "012.sql", "001.sql", "002_mine.sql"], None), [13, 14, 15]);
        assert_eq!(numbers(&["V4__pevensie_base_uuid7.sql", "V9__mine.sql"], None), [4, 10, 11]);
        assert_eq!(numbers(&["003-pevensie_auth_users_sessions_tokens.sql"], None), [4, 3, 5]);
        assert_eq!(numbers(&["99999999999999999999_too_large.sql", "x.sql"], None), [1, 2, 3]);
    }

    #[test]
    fn a_number_that_is_taken_is_noticed() {
        let bundle = Bundle::embedded();
        let items = everything(&bundle);
        let clash = |names: &[&str], first| Numbers::of(names.iter().copied(), first).clash(&items[..3]);
        assert_eq!(clash(&["003_mine.sql"], Some(1)), Some(3));
        assert_eq!(clash(&["003_mine.sql"], Some(4)), None);
        assert_eq!(clash(&["003_mine.sql"], None), None);
        assert_eq!(clash(&["001_pevensie_base_uuid7.sql"], Some(2)), None);
        assert_eq!(clash(&[], Some(u64::MAX - 2)), None);
        assert_eq!(clash(&[], Some(u64::MAX - 1)), Some(u64::MAX));
        assert_eq!(clash(&["18446744073709551615_mine.sql"], None), Some(u64::MAX));
    }
}
