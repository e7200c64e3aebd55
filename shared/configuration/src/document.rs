//! The table of items for people to read.

use std::fmt::Write;

use crate::items::items;
use crate::{Item, Kind, Plain, Source};

/// The items as a table in Markdown. docs/settings.md holds it, and a test compares.
pub fn document() -> String {
    let mut table = "| item | values | default | changed by | meaning |\n|---|---|---|---|---|\n".to_owned();
    for item in items() {
        let Item { name, meaning, .. } = item;
        let (values, default, source) = (values(item), default(item), source(item));
        // Writing to a text cannot fail.
        let _ = writeln!(table, "| `{name}` | {values} | {default} | {source} | {meaning} |");
    }
    table
}

fn values(item: &Item) -> String {
    if item.source == Source::Fixed {
        return "–".to_owned();
    }
    match item.kind {
        Kind::Flag => "`true`, `false`".to_owned(),
        Kind::Number { min, max } => format!("{min} to {max}"),
        Kind::Days { max } => format!("-1, 1 to {max}"),
        Kind::Word(words) => {
            let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            quoted.join(", ")
        }
        Kind::Text { max_bytes } => format!("text, {max_bytes} bytes"),
        Kind::Secret => "secret, never shown".to_owned(),
    }
}

fn default(item: &Item) -> String {
    match item.default {
        Plain::Flag(flag) => format!("`{flag}`"),
        Plain::Number(number) => number.to_string(),
        Plain::Text("") => "empty".to_owned(),
        Plain::Text(text) => format!("`{text}`"),
    }
}

fn source(item: &Item) -> String {
    let variable = item.variable().map(|variable| format!("`{variable}`")).unwrap_or_default();
    match item.source {
        Source::Api => format!("the API; {variable} locks it"),
        Source::Environment | Source::Process(_) => format!("{variable} alone"),
        Source::Fixed => "nobody".to_owned(),
    }
}
