//! What holds for every script.

use super::*;

/// A stretch of a script, before it is written.
#[derive(Clone, Debug)]
pub(crate) enum Stretch {
    /// A statement with a text between apostrophes.
    Quoted(String),
    /// A statement with a name between quotes.
    Named(String),
    /// A statement with a text between dollar signs and a tag.
    Dollars(String, String),
    /// A comment, to the end of its line.
    Comment(String),
    /// A blank line.
    Blank,
}

impl Stretch {
    /// Reads a line for each: `'text`, `"name`, `$tag$text`, `-- comment`, or none of these; `\n` is a line feed.
    pub(crate) fn all(text: &str) -> Vec<Self> {
        let stretch = |line: &str| {
            let unescaped = |text: &str| text.replace("\\n", "\n").replace(['\0', '\r'], "");
            let mut chars = line.chars();
            match (chars.next(), chars.as_str()) {
                (Some('\''), text) => Self::Quoted(unescaped(text)),
                (Some('"'), text) => Self::Named(unescaped(text)),
                (Some('$'), text) => match text.split_once('$') {
                    Some((tag, text)) => Self::Dollars(tag.to_owned(), unescaped(text)),
                    None => Self::Dollars(String::new(), unescaped(text)),
                },
                (Some('-'), text) => Self::Comment(text.replace('\r', "")),
                _ => Self::Blank,
            }
        };
        text.lines().map(stretch).collect()
    }

    /// Writes a script and returns it with its statements. Every other one is followed by something in its line.
    pub(crate) fn script(stretches: &[Self]) -> (String, Vec<String>) {
        let (mut script, mut statements) = (String::new(), Vec::new());
        for (nth, stretch) in stretches.iter().enumerate() {
            let statement = match stretch {
                Self::Quoted(text) => format!("select '{}'", text.replace('\'', "''")),
                Self::Named(text) => format!("select 1 as \"{}\"", text.replace('"', "\"\"")),
                Self::Dollars(tag, text) => {
                    let mut tag: String = tag.chars().filter(|c| c.is_ascii_alphabetic() || *c == '_').collect();
                    // A text that ends in the beginning of its tag would end before it does.
                    while format!("{text}${tag}$").find(&format!("${tag}$")) != Some(text.len()) {
                        tag.push('_');
                    }
                    format!("do ${tag}${text}${tag}$")
                }
                Self::Comment(text) => {
                    script.extend(["-- ", &text.replace('\n', " "), "\n"]);
                    continue;
                }
                Self::Blank => {
                    script.push('\n');
                    continue;
                }
            };
            script += &statement;
            script += if nth % 2 == 0 { ";\n" } else { "; -- it's; \"so\" $$\n" };
            statements.push(statement);
        }
        (script, statements)
    }
}

/// Checks the cuts through any text.
pub(crate) fn check_text(sql: &str) {
    let (tokens, statements) = (tokens(sql), statements(sql));
    let mut at = 0;
    for (_, range) in &tokens {
        assert_eq!(range.start, at, "no gap and no overlap: {sql:?}");
        assert!(range.end > range.start && sql.is_char_boundary(range.end), "{sql:?}");
        at = range.end;
    }
    assert_eq!(at, sql.len(), "{sql:?}");
    assert!(statements.is_sorted_by_key(|range| range.start));
    assert!(statements.windows(2).all(|two| two[0].end < two[1].start), "{sql:?}");
    for (token, range) in &tokens {
        let text = &sql[range.clone()];
        let holder = statements.iter().find(|statement| statement.start < range.end && range.start < statement.end);
        let is_sql = *token == Token::Quoted || *token == Token::Other && text != ";" && !text.trim().is_empty();
        assert!(holder.is_some() || !is_sql, "{text:?} is lost: {sql:?}");
        // A comment at the very end may have lost its blanks.
        let is_cut = holder.is_some_and(|holder| range.start < holder.start || range.end > holder.end);
        assert!(!is_cut || text.trim_end().len() < text.len(), "{text:?} is cut: {sql:?}");
    }
}

/// Checks that the statements of a script are found as they were written.
pub(crate) fn check_script(stretches: &[Stretch]) {
    let (script, expected) = Stretch::script(stretches);
    let found: Vec<&str> = statements(&script).into_iter().map(|range| &script[range]).collect();
    assert_eq!(found, expected, "{script}");
    check_text(&script);
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What some tool or other trips over.
    const TRAPS: [&str; 34] = [
        "'", "\"", "$", "$$", "$a$", "$1", "{{", "}}", "{{{", "{{ .x }}", "${x}", "#{x}", ":x", ":'x'", "<%= x %>",
        "--", "\n", "\n--", ";", "\\", "\\n", "\"\"\"", "\n\"\"\"", "\n'''", "\\\"\"\"", "\\'''", "/*", "*/", " ",
        "\t", "a", "é", "🦢", "\u{2028}",
    ];

    fn any_text() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(&TRAPS[..]), 0..8).prop_map(|traps| traps.concat())
    }

    pub(crate) fn any_stretches() -> impl Strategy<Value = Vec<Stretch>> {
        let stretch = prop_oneof![
            any_text().prop_map(Stretch::Quoted),
            any_text().prop_map(Stretch::Named),
            ("[a-z_]{0,3}", any_text()).prop_map(|(tag, text)| Stretch::Dollars(tag, text)),
            any_text().prop_map(Stretch::Comment),
            Just(Stretch::Blank),
        ];
        prop::collection::vec(stretch, 0..6)
    }

    proptest! {
        #[test]
        fn every_statement_is_found_as_it_was_written(stretches in any_stretches()) {
            check_script(&stretches);
        }

        #[test]
        fn no_text_is_cut_where_it_must_not_be(
            text in prop_oneof!["\\PC{0,30}", "[a'\"$;\\- \n\u{3000}é]{0,16}"],
        ) {
            check_text(&text);
        }
    }
}
