//! What values an item can have.

use serde_json::{Value, json};

/// No secret is longer.
const MAX_SECRET_BYTES: usize = 1024;

/// What values an item can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Flag,
    /// A number within bounds.
    Number {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// A positive number of days, or -1 for ever.
    Days {
        /// The most.
        max: i64,
    },
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any text, without control characters but line breaks and tabs.
    Text {
        /// How long it may be.
        max_bytes: usize,
    },
    /// A text that nobody may see.
    Secret,
}

impl Kind {
    /// The value that a document gives; `None` if it is no such value.
    pub(crate) fn of_document(self, value: &Value) -> Option<Value> {
        let is_good = match self {
            Self::Flag => value.is_boolean(),
            Self::Number { min, max } => value.as_i64().is_some_and(|number| (min..=max).contains(&number)),
            Self::Days { max } => value.as_i64().is_some_and(|days| days == -1 || (1..=max).contains(&days)),
            Self::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::Text { max_bytes } => value.as_str().is_some_and(|text| is_text(text, max_bytes)),
            Self::Secret => value.as_str().is_some_and(|text| is_text(text, MAX_SECRET_BYTES)),
        };
        is_good.then(|| value.clone())
    }

    /// The value that a plain text gives, as in the environment; `None` if it is no such value.
    pub(crate) fn of_text(self, text: &str) -> Option<Value> {
        let value = match self {
            Self::Flag => json!(text.parse::<bool>().ok()?),
            Self::Number { .. } | Self::Days { .. } => json!(text.parse::<i64>().ok()?),
            Self::Word(_) | Self::Text { .. } | Self::Secret => json!(text),
        };
        self.of_document(&value)
    }

    /// What a value must be, for the person who typed another one.
    pub fn expected(self) -> String {
        match self {
            Self::Flag => "true or false".to_owned(),
            Self::Number { min, max } => format!("a number from {min} to {max}"),
            Self::Days { max } => format!("-1 or a number of days from 1 to {max}"),
            Self::Word(words) => words.join(", "),
            Self::Text { max_bytes } => format!("a text of at most {max_bytes} bytes"),
            Self::Secret => format!("a secret of at most {MAX_SECRET_BYTES} bytes"),
        }
    }
}

fn is_text(text: &str, max_bytes: usize) -> bool {
    let is_odd = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    text.len() <= max_bytes && !text.contains(is_odd)
}
