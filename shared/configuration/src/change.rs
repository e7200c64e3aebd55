//! From a document that somebody sent to a change.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::items::{UNSUPPORTED, item};
use crate::{Configured, Item, Source};

/// Values that are to be set, each of its kind. `Debug` shows the names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub(crate) values: BTreeMap<&'static str, Value>,
}

/// Why nothing is changed. Names the item, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot have such a value.
    #[error("{name} must be {expected}")]
    Malformed {
        /// The item.
        name: &'static str,
        /// What it can have.
        expected: String,
    },
    /// Nobody can change it.
    #[error("{0} cannot be changed here")]
    Fixed(&'static str),
    /// The environment has decided.
    #[error("{name} is set by {variable} in the environment of this registry and cannot be changed here")]
    Locked {
        /// The item.
        name: &'static str,
        /// The variable that locks it.
        variable: String,
    },
    /// Harbor has it; this registry does not.
    #[error("{0}: this registry does not have it")]
    Unsupported(&'static str),
}

impl Change {
    pub(crate) fn read(configured: &Configured, asked: &BTreeMap<String, Value>) -> Result<Self, Refusal> {
        let mut values = BTreeMap::new();
        for (name, value) in asked.iter().filter(|(_, value)| !value.is_null()) {
            if let Some(unsupported) = UNSUPPORTED.into_iter().find(|known| known == name) {
                return Err(Refusal::Unsupported(unsupported));
            }
            let Some(item) = item(name) else { continue };
            if let Some(value) = one(configured, item, value)? {
                values.insert(item.name, value);
            }
        }
        Ok(Self { values })
    }

    /// The items that are changed.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.values.keys().copied()
    }

    /// Whether this item is changed.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The new value of an item; `None` if it is what it was.
fn one(configured: &Configured, item: &'static Item, value: &Value) -> Result<Option<Value>, Refusal> {
    let name = item.name;
    let is_same = configured.value(item) == *value;
    if let Some(variable) = configured.locks.variable(name) {
        let may_say_so = is_same && !item.is_secret();
        return if may_say_so {
            Ok(None)
        } else {
            Err(Refusal::Locked { name, variable: variable.to_owned() })
        };
    }
    if item.source != Source::Api {
        return if is_same { Ok(None) } else { Err(Refusal::Fixed(name)) };
    }
    let malformed = || Refusal::Malformed { name, expected: item.kind.expected() };
    let value = item.kind.of_document(value).ok_or_else(malformed)?;
    Ok((!is_same).then_some(value))
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
