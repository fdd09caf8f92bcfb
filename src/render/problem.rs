//! Problems, with what helps.

use annotate_snippets::renderer::{AnsiColor, Style};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::paint;
use crate::migration::history::Fault;
use crate::migration::refusal::Refusal;
use crate::migration::script::Location;

/// A problem as people are told of it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// What is the case; further lines say more.
    pub message: String,
    /// The SQLSTATE, where PostgreSQL gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sqlstate: Option<String>,
    /// Where in our SQL it happened.
    #[serde(skip)]
    pub location: Option<Location>,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    /// Makes a problem of a message alone.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), sqlstate: None, location: None, hint: None }
    }

    /// Adds the SQLSTATE.
    #[must_use]
    pub fn with_sqlstate(mut self, sqlstate: Option<&str>) -> Self {
        self.sqlstate = sqlstate.map(str::to_owned);
        self
    }

    /// Adds what helps.
    #[must_use]
    pub fn with_hint(mut self, hint: Option<impl Into<String>>) -> Self {
        self.hint = hint.map(Into::into);
        self
    }

    /// Returns the first line of the message, with the SQLSTATE behind it.
    #[must_use]
    pub fn headline(&self) -> String {
        let (first, _) = self.parts();
        // Where several servers were tried, the message has the code of each.
        match &self.sqlstate {
            Some(code) if !self.message.contains(&format!("({code})")) => format!("{first} ({code})"),
            Some(_) | None => first.to_owned(),
        }
    }

    /// Returns the other lines of the message.
    pub fn details(&self) -> impl Iterator<Item = &str> {
        self.parts().1.lines()
    }

    fn parts(&self) -> (&str, &str) {
        self.message.split_once('\n').unwrap_or((&self.message, ""))
    }
}

impl From<&Fault> for Problem {
    fn from(fault: &Fault) -> Self {
        Self::new(fault.to_string()).with_hint(Some(fault.hint()))
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        Self::new(refusal.to_string()).with_sqlstate(refusal.sqlstate()).with_hint(Some(refusal.hint()))
    }
}

/// How grave a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// It went wrong, or is wrong.
    Error,
    /// It may go wrong.
    Warning,
}

/// Writes a problem: `error: …` or `warning: …`, the place in our SQL, and `hint: …`.
#[must_use]
pub fn text(problem: &Problem, gravity: Gravity) -> String {
    let word = match gravity {
        Gravity::Error => paint::bad("error:"),
        Gravity::Warning => paint::attention("warning:"),
    };
    let mut text = format!("{word} {}\n", problem.headline());
    text.extend(problem.details().map(|line| format!("{line}\n")));
    text.extend(problem.location.iter().map(place));
    text.extend(problem.hint.iter().map(|hint| self::hint(hint)));
    text
}

/// Writes a hint, its further lines indented.
#[must_use]
pub fn hint(hint: &str) -> String {
    format!("{} {}\n", paint::good("hint:"), hint.lines().collect::<Vec<_>>().join("\n      "))
}

/// Shows the statement or the character meant, in its file.
fn place(location: &Location) -> String {
    let first_line = location.sql[location.span.clone()].lines().next().map_or(0, str::len);
    let span = location.span.start..location.span.start + first_line;
    let path = format!("sql/{}", location.path);
    let snippet = Snippet::source(&location.sql).path(&path).annotation(AnnotationKind::Primary.span(span));
    let group = annotate_snippets::Group::with_level(Level::ERROR).element(snippet);
    // Of the eight colours that every palette has, and as everywhere here.
    let (line, bad) = (Style::new().dimmed(), AnsiColor::Red.on_default().bold());
    let renderer = Renderer::styled().error(bad).line_num(line).context(line);
    format!("{}\n", renderer.render(&[group]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(problem: &Problem) -> String {
        console::strip_ansi_codes(&text(problem, Gravity::Error)).into_owned()
    }

    #[test]
    fn a_problem_says_what_where_and_what_helps() {
        let problem = Problem {
            message: "relation \"x\" does not exist\n  detail: it is gone".to_owned(),
            sqlstate: Some("42P01".to_owned()),
            location: Some(Location {
                path: "auth/20241222140532_x.up.sql".to_owned(),
                sql: "select 1;\n\nselect\n  * from x;\n".to_owned(),
                span: 27..28,
            }),
            hint: Some("first line\nsecond line".to_owned()),
        };
        insta::assert_snapshot!(plain(&problem), @r#"
        error: relation "x" does not exist (42P01)
          detail: it is gone
         --> sql/auth/20241222140532_x.up.sql:4:10
          |
        4 |   * from x;
          |          ^
        hint: first line
              second line
        "#);
    }

    #[test]
    fn a_code_is_said_once() {
        for (message, code, expected) in [
            ("no\nmore", Some("42P01"), "no (42P01)"),
            ("no, and no (42P01)", Some("42P01"), "no, and no (42P01)"),
            ("no 42P01", Some("42P01"), "no 42P01 (42P01)"),
            ("no", None, "no"),
        ] {
            assert_eq!(Problem::new(message).with_sqlstate(code).headline(), expected);
        }
    }

    #[test]
    fn a_statement_is_marked_to_the_end_of_its_first_line() {
        let sql = "select 1;\nselect\n  2;\n".to_owned();
        let location = Location { path: "a.sql".to_owned(), sql, span: 10..20 };
        let shown = place(&location);
        assert!(console::strip_ansi_codes(&shown).ends_with("\n2 | select\n  | ^^^^^^\n"), "{shown}");
    }
}
