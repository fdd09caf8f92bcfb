//! Where the statements of our own scripts begin and end.

use std::ops::Range;

/// What a stretch of a script is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A comment, without the end of its line.
    Comment,
    /// A quoted text with its quotes.
    Quoted,
    /// One character of anything else.
    Other,
}

/// Cuts a script into stretches, which follow on one another.
///
/// Knows what `sql/` uses: `'…'`, `"…"`, `$tag$…$tag$`, and comments to the end of a line.
#[must_use]
pub fn tokens(sql: &str) -> Vec<(Token, Range<usize>)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let (token, length) = match quoted(rest) {
            _ if rest.starts_with("--") => (Token::Comment, rest.find('\n').unwrap_or(rest.len())),
            Some(length) => (Token::Quoted, length),
            None => (Token::Other, c.len_utf8()),
        };
        tokens.push((token, at..at + length));
        at += length;
    }
    tokens
}

/// Returns the byte range of each statement, without the blanks and comments before it and without its semicolon.
#[must_use]
pub fn statements(sql: &str) -> Vec<Range<usize>> {
    let mut statements = Vec::new();
    let mut start = None;
    for (token, range) in tokens(sql) {
        let text = &sql[range.clone()];
        if token == Token::Comment || start.is_none() && text.trim().is_empty() {
            continue;
        }
        if text == ";" {
            statements.extend(start.take().map(|start| start..range.start));
        } else {
            start = start.or(Some(range.start));
        }
    }
    statements.extend(start.map(|start| start..sql.trim_end().len()));
    statements
}

/// Returns the text of each statement, without the blanks and comments before it and without its semicolon.
pub fn texts(sql: &str) -> impl Iterator<Item = &str> {
    statements(sql).into_iter().map(|range| &sql[range])
}

/// The length of the quoted text that `rest` begins with.
fn quoted(rest: &str) -> Option<usize> {
    let quote = match rest.chars().next()? {
        quote @ ('\'' | '"') => quote.to_string(),
        '$' => {
            let tag =
                rest[1..].find('$').filter(|&end| rest[1..=end].chars().all(|c| c == '_' || c.is_alphanumeric()))?;
            rest[..tag + 2].to_owned()
        }
        _ => return None,
    };
    let inner = &rest[quote.len()..];
    Some(inner.find(&quote).map_or(rest.len(), |end| quote.len() + end + quote.len()))
}

#[cfg(any(test, fuzzing))]
pub(crate) mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_end_statements_only_where_they_are_sql() {
        for (sql, expected) in [
            ("", vec![]),
            ("-- nothing; at all\n", vec![]),
            ("select 1;\n\nselect 2;\n", vec!["select 1", "select 2"]),
            ("select 1;;  select 2", vec!["select 1", "select 2"]),
            ("-- a; b\nselect ';', \";\"; -- c;\nselect 'it''s;'", vec!["select ';', \";\"", "select 'it''s;'"]),
            ("do $$ begin; -- '\n end $$; select 1;", vec!["do $$ begin; -- '\n end $$", "select 1"]),
            ("do $a$ $$;$$ $b$;$b$ $a$; select $1;", vec!["do $a$ $$;$$ $b$;$b$ $a$", "select $1"]),
        ] {
            let found: Vec<&str> = statements(sql).into_iter().map(|range| &sql[range]).collect();
            assert_eq!(found, expected, "{sql}");
        }
    }
}
