//! A scanner such as Atlas and Flyway have: quotes, dollars, comments, parentheses and semicolons.

/// Cuts a script into statements: without the comments before each, with its semicolon.
pub(super) fn scan(sql: &str) -> Vec<String> {
    let mut statements = Vec::new();
    let (mut start, mut at, mut depth) = (0, 0, 0_usize);
    while let Some(next) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let is_first = sql[start..at].trim().is_empty();
        let length = match next {
            '\'' | '"' | '`' => 2 + rest[1..].find(next).expect("the quote is closed"),
            '$' => dollars(rest).unwrap_or(1),
            '-' if rest.starts_with("--") => rest.find('\n').expect("the comment is a line"),
            '/' if rest.starts_with("/*") => rest.find("*/").expect("the comment is closed") + 2,
            _ => next.len_utf8(),
        };
        let is_comment = rest.starts_with("--") || rest.starts_with("/*");
        depth = match next {
            '(' => depth + 1,
            ')' => depth.checked_sub(1).expect("a parenthesis was opened"),
            _ => depth,
        };
        at += length;
        if is_comment && is_first {
            start = at;
        } else if next == ';' && depth == 0 {
            statements.push(sql[start..at].trim().to_owned());
            start = at;
        }
    }
    assert!(depth == 0 && sql[start..].trim().is_empty(), "this is not ended: {}", &sql[start..]);
    statements
}

/// The length of a text between dollars.
fn dollars(rest: &str) -> Option<usize> {
    let tag = &rest[..rest[1..].find('$')? + 2];
    let inner = &tag[1..tag.len() - 1];
    let is_tag =
        inner.chars().all(|c| c == '_' || c.is_alphanumeric()) && !inner.starts_with(|c: char| c.is_ascii_digit());
    is_tag.then(|| 2 * tag.len() + rest[tag.len()..].find(tag).expect("the tag is closed"))
}
