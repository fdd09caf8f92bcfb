//! SQL as PostgreSQL cuts it, by a lexer that is not ours.

use squawk_lexer::{LiteralKind, TokenKind, tokenize};

/// Every token that is neither a blank nor a comment, with its place.
fn tokens(sql: &str) -> Vec<(TokenKind, usize, &str)> {
    let mut at = 0;
    let mut tokens = Vec::new();
    for token in tokenize(sql) {
        let text = &sql[at..at + token.len as usize];
        let is_blank = matches!(
            token.kind,
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. } | TokenKind::Eof
        );
        if !is_blank {
            tokens.push((token.kind, at, text));
        }
        at += text.len();
    }
    tokens
}

/// The statements of a script, each from its first word to its last one, without its semicolon.
pub(crate) fn statements(sql: &str) -> Vec<String> {
    let tokens = tokens(sql);
    let statements = tokens.split(|(kind, ..)| *kind == TokenKind::Semi).filter_map(|tokens| {
        let ((_, start, _), (_, last, text)) = (tokens.first()?, tokens.last()?);
        Some(sql[*start..last + text.len()].to_owned())
    });
    statements.collect()
}

/// The words of a script, one after another. Strings and quoted names have their values: however
/// they are written, they are the same.
pub(super) fn words(sql: &str) -> Vec<String> {
    tokens(sql).into_iter().map(|(kind, _, text)| value(kind, text).unwrap_or_else(|| text.to_owned())).collect()
}

/// Whether a word stands in a script, outside strings and comments.
pub(super) fn names(sql: &str, word: &str) -> bool {
    tokens(sql).iter().any(|(kind, _, text)| *kind == TokenKind::Ident && text.eq_ignore_ascii_case(word))
}

/// A script without its blanks, comments, strings and quoted names.
pub(super) fn bare(sql: &str) -> String {
    let is_text = |text: &str| text.starts_with('"') || text.len() > 1 && text.ends_with(['\'', '$']);
    tokens(sql).into_iter().map(|(_, _, text)| text).filter(|text| !is_text(text)).collect()
}

/// The value of a string, after an apostrophe, or of a name with escapes. Strings with escapes are left as they are.
fn value(kind: TokenKind, text: &str) -> Option<String> {
    if let TokenKind::QuotedIdent { uescape: true, .. } = kind {
        return Some(unescaped(&text[2..]));
    }
    let TokenKind::Literal { kind } = kind else { return None };
    if matches!(kind, LiteralKind::Str { terminated: true }) {
        Some(format!("'{}", text[1..text.len() - 1].replace("''", "'")))
    } else if matches!(kind, LiteralKind::DollarQuotedString { terminated: true }) {
        let tag = text[1..].find('$')? + 2;
        Some(format!("'{}", &text[tag..text.len() - tag]))
    } else {
        None
    }
}

/// Puts characters for `\\0027` and the like.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut unescaped = parts.next().expect("a split has a first part").to_owned();
    for part in parts {
        let code = u32::from_str_radix(&part[..4], 16).expect("four digits follow");
        unescaped.push(char::from_u32(code).expect("it is a character"));
        unescaped += &part[4..];
    }
    unescaped
}

#[test]
fn a_string_is_the_same_however_it_is_quoted() {
    assert_eq!(words("select 'it''s', $a$it's$a$ -- no"), ["select", "'it's", ",", "'it's"]);
    assert_eq!(words(r#"select U&"it\0027s\003B", "it's""#), ["select", "\"it's;\"", ",", "\"it's\""]);
    assert_eq!(statements("-- a;\nselect ';' -- b\n; do $$;$$; -- c"), ["select ';'", "do $$;$$"]);
    assert!(
        names("drop index CONCURRENTLY i", "concurrently") && !names("-- concurrently\n'concurrently'", "concurrently")
    );
}
