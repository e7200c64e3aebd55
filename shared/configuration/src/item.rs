//! Something that can be configured.

use serde_json::{Value, json};

use crate::Kind;

/// Something that can be configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Harbor's name for it, or ours if Harbor does not have it.
    pub name: &'static str,
    /// What values it can have.
    pub kind: Kind,
    /// Its value if nobody says otherwise.
    pub default: Plain,
    /// Where its value may come from.
    pub source: Source,
    /// What it means, in one sentence.
    pub meaning: &'static str,
}

/// A value that is known beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A text.
    Text(&'static str),
}

/// Where a value may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The REST API; or the environment, which locks it.
    Api,
    /// The environment alone.
    Environment,
    /// Another setting of the process, in this variable.
    Process(&'static str),
    /// Nowhere: it is what it is.
    Fixed,
}

impl Plain {
    pub(crate) fn value(self) -> Value {
        match self {
            Self::Flag(flag) => json!(flag),
            Self::Number(number) => json!(number),
            Self::Text(text) => json!(text),
        }
    }
}

impl Item {
    /// The environment variable that sets and locks it; `None` if there is none.
    pub fn variable(&self) -> Option<String> {
        match self.source {
            Source::Api | Source::Environment => Some(format!("BERTH_{}", self.name.to_uppercase())),
            Source::Process(variable) => Some(variable.to_owned()),
            Source::Fixed => None,
        }
    }

    /// Whether the environment may name its value as it is.
    pub(crate) fn is_lockable(&self) -> bool {
        matches!(self.source, Source::Api | Source::Environment)
    }

    /// Whether nobody may see its value.
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret)
    }
}
