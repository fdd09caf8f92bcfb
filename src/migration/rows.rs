//! What a server answers: rows of named values, all of them text.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The rows that a message brought, of all its statements.
#[derive(Clone, Debug, Default)]
pub struct Rows(Vec<Answer>);

/// The rows that one statement brought.
#[derive(Clone, Debug)]
struct Answer {
    columns: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
}

/// A row: a value or NULL for each column.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    columns: &'a [String],
    values: &'a [Option<String>],
}

impl Rows {
    /// Begins with the rows of the next statement.
    pub fn begin(&mut self, columns: Vec<String>) {
        self.0.push(Answer { columns, rows: Vec::new() });
    }

    /// Adds a row to those of the last statement.
    pub fn push(&mut self, values: Vec<Option<String>>) {
        if let Some(answer) = self.0.last_mut() {
            answer.rows.push(values);
        }
    }

    /// Returns the value of the first row that has a column of this name.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&str> {
        self.having(column).next()?.get(column)
    }

    /// Returns the rows that have a column of this name.
    pub fn having<'a>(&'a self, column: &str) -> impl Iterator<Item = Row<'a>> {
        let answers = self.0.iter().filter(move |answer| answer.columns.iter().any(|name| name == column));
        let answers: Vec<&Answer> = answers.collect();
        answers.into_iter().flat_map(|answer| answer.rows.iter().map(|values| Row { columns: &answer.columns, values }))
    }
}

impl<'a> Row<'a> {
    /// Returns a value; `None` for NULL and for a column that is not there.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&'a str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.values.get(at)?.as_deref()
    }

    /// Returns a value; nothing for NULL.
    #[must_use]
    pub fn text(&self, column: &str) -> &'a str {
        self.get(column).unwrap_or_default()
    }

    /// Says whether a value is true, as PostgreSQL writes that.
    #[must_use]
    pub fn is(&self, column: &str) -> bool {
        self.get(column) == Some("t")
    }

    /// Reads the row as something whose fields have the names of the columns, and are text.
    ///
    /// # Errors
    /// When it is not that.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        let value = |value: &Option<String>| value.clone().map_or(Value::Null, Value::String);
        let fields: Map<String, Value> = self.columns.iter().cloned().zip(self.values.iter().map(value)).collect();
        serde_json::from_value(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_column() {
        let text = |text: &str| Some(text.to_owned());
        let mut rows = Rows::default();
        rows.push(vec![text("lost")]); // of no statement
        rows.begin(vec!["a".to_owned(), "b".to_owned()]);
        rows.push(vec![text("1"), None]);
        rows.push(vec![text("2"), text("t")]);
        rows.begin(vec!["b".to_owned()]);
        rows.push(vec![text("f")]);
        assert_eq!((rows.value("a"), rows.value("b"), rows.value("c")), (Some("1"), None, None));
        let of_b: Vec<_> = rows.having("b").map(|row| (row.get("a"), row.text("b"), row.is("b"))).collect();
        assert_eq!(of_b, [(Some("1"), "", false), (Some("2"), "t", true), (None, "f", false)]);
        let read: Vec<Value> = rows.having("a").filter_map(|row| row.read().ok()).collect();
        assert_eq!(read, [serde_json::json!({ "a": "1", "b": null }), serde_json::json!({ "a": "2", "b": "t" })]);
    }
}
