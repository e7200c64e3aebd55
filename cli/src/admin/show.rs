//! What is printed: tables for people, JSON for programs.

use std::io;

use serde::Serialize;
use serde_json::Value;

use crate::error::Error;
use crate::output;

/// The heading of a column, and what stands in it.
pub(super) type Column = (&'static str, fn(&Value) -> String);

/// How results are printed, and where: `write` takes lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Show {
    is_json: bool,
    write: fn(&str) -> io::Result<()>,
}

impl Show {
    pub(super) fn new(is_json: bool, write: fn(&str) -> io::Result<()>) -> Self {
        Self { is_json, write }
    }

    /// Everything in a list.
    pub(super) fn list(self, items: &[Value], columns: &[Column]) -> Result<(), Error> {
        if self.is_json { self.print_json(items) } else { self.print(&table(items, columns)) }
    }

    /// One thing, as a row.
    pub(super) fn one(self, item: &Value, columns: &[Column]) -> Result<(), Error> {
        if self.is_json {
            self.print_json(item)
        } else {
            self.print(&table(std::slice::from_ref(item), columns))
        }
    }

    /// One thing, as a line for each of its properties.
    pub(super) fn properties(self, item: &Value, properties: &[(String, String)]) -> Result<(), Error> {
        if self.is_json {
            return self.print_json(item);
        }
        let rows: Vec<_> = properties.iter().map(|(name, value)| vec![clean(name), clean(value)]).collect();
        self.print(&aligned(&rows))
    }

    /// That something was done of which nothing is left to show.
    pub(super) fn done(self, text: &str) -> Result<(), Error> {
        if self.is_json { Ok(()) } else { self.print(&clean(text)) }
    }

    /// Lines that are for programs anyway, as they are.
    pub(super) fn raw(self, text: &str) -> Result<(), Error> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        if text.is_empty() { Ok(()) } else { self.print(text) }
    }

    /// A secret that is shown this once: alone if it is for a program, else beside whose it is. `item` holds it too.
    pub(super) fn secret(
        self,
        is_quiet: bool,
        secret: &str,
        item: &Value,
        columns: &[Column],
    ) -> Result<(), Error> {
        if is_quiet {
            return self.print(&clean(secret));
        }
        self.one(item, columns)?;
        output::note("this is shown once: keep it where it is safe");
        Ok(())
    }

    fn print_json(self, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(value).map_err(|error| cannot_write(error.into()))?;
        self.print(&text)
    }

    fn print(self, text: &str) -> Result<(), Error> {
        (self.write)(text).map_err(cannot_write)
    }
}

/// The text in a field; nothing if there is none.
pub(super) fn text(item: &Value, field: &str) -> String {
    match &item[field] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The day of a time as the API writes it.
pub(super) fn day(item: &Value, field: &str) -> String {
    text(item, field).split('T').next().unwrap_or_default().to_owned()
}

/// `yes` or `no`. The API has both true and "true".
pub(super) fn yes_no(value: &Value) -> String {
    let is_yes = value.as_bool().unwrap_or_else(|| value.as_str() == Some("true"));
    if is_yes { "yes" } else { "no" }.to_owned()
}

fn table(items: &[Value], columns: &[Column]) -> String {
    let heading = columns.iter().map(|(heading, _)| (*heading).to_owned()).collect();
    let row = |item: &Value| columns.iter().map(|(_, cell)| clean(&cell(item))).collect();
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(items.iter().map(row)).collect();
    aligned(&rows)
}

/// Columns as wide as their widest cell, two spaces between them. An empty cell is a dash, so that a line has the same number of
/// words for every program that reads it.
fn aligned(rows: &[Vec<String>]) -> String {
    let cell = |cell: &String| if cell.is_empty() { "-".to_owned() } else { cell.clone() };
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let width = |column: usize| rows.iter().filter_map(|row| Some(row.get(column)?.chars().count())).max();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = width(column).unwrap_or_default();
            format!("{cell:width$}")
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What others have written must not steer the terminal.
fn clean(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '?' } else { character }).collect()
}

fn cannot_write(error: io::Error) -> Error {
    Error::machine("cannot write to standard output")(error)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tables_are_aligned_and_steer_no_terminal() {
        let columns: &[Column] = &[
            ("NAME", |item| text(item, "name")),
            ("N", |item| text(item, "n")),
            ("ON", |item| yes_no(&item["on"])),
        ];
        let items = [
            json!({ "name": "a", "n": 12, "on": true }),
            json!({ "name": "lång", "on": "true" }),
            json!({ "name": "e\u{1b}[2J\n", "n": 3 }),
        ];
        let expected = "NAME    N   ON\na       12  yes\nlång    -   yes\ne?[2J?  3   no";
        assert_eq!(table(&items, columns), expected);
        assert_eq!(table(&[], columns), "NAME  N  ON");
    }

    #[test]
    fn times_are_shown_as_days() {
        assert_eq!(day(&json!({ "t": "2026-11-21T13:22:00.000Z" }), "t"), "2026-11-21");
        assert_eq!(day(&json!({}), "t"), "");
    }
}
