//! What the environment has decided.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::items::{item, items};
use crate::{Item, Source};

/// Holds several items at once, as a JSON object.
pub const SETTINGS_VARIABLE: &str = "BERTH_SETTINGS";

/// Items that the environment has decided, which nobody can change. `Debug` shows the names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Locks {
    locked: BTreeMap<&'static str, Lock>,
}

#[derive(Clone, PartialEq, Eq)]
struct Lock {
    value: Value,
    variable: String,
}

/// Why the environment means nothing. Names what is wrong, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// An item has no such value.
    #[error("{variable}: {name} must be {expected}")]
    Malformed {
        /// The variable.
        variable: String,
        /// The item.
        name: &'static str,
        /// What it can be.
        expected: String,
    },
    /// It is no JSON object.
    #[error("{0} must be a JSON object of items")]
    NotAnObject(String),
    /// There is no such item, or it cannot be set.
    #[error("{variable}: there is no item {name} that can be set")]
    Unknown {
        /// The variable.
        variable: String,
        /// What it names.
        name: String,
    },
}

impl Locks {
    /// Reads the environment through `get`, which answers a variable's value. An empty value is none.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, LockError> {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let mut locks = Self::default();
        if let Some(text) = get(SETTINGS_VARIABLE) {
            let values: BTreeMap<String, Value> = serde_json::from_str(&text)
                .map_err(|_| LockError::NotAnObject(SETTINGS_VARIABLE.to_owned()))?;
            locks = locks.and(SETTINGS_VARIABLE, values)?;
        }
        for item in items().filter(|item| item.is_lockable()) {
            let variable = item.variable().unwrap_or_default();
            if let Some(text) = get(&variable) {
                let value = item.kind.of_text(&text).ok_or_else(|| malformed(&variable, item))?;
                locks.lock(item, value, &variable);
            }
        }
        Ok(locks)
    }

    /// The same, and these items, for which `variable` is named.
    pub fn and(
        mut self,
        variable: &str,
        values: impl IntoIterator<Item = (String, Value)>,
    ) -> Result<Self, LockError> {
        for (name, value) in values {
            let item = item(&name)
                .filter(|item| item.is_lockable())
                .ok_or_else(|| LockError::Unknown { variable: variable.to_owned(), name: name.clone() })?;
            let value = item.kind.of_document(&value).ok_or_else(|| malformed(variable, item))?;
            self.lock(item, value, variable);
        }
        Ok(self)
    }

    /// The same, with the lifetime of tokens, which the process was started with.
    #[must_use]
    pub fn with_token_ttl(mut self, token_ttl_secs: u64) -> Self {
        for item in items().filter(|item| item.name == "token_expiration") {
            if let Source::Process(variable) = item.source {
                self.lock(item, Value::from(token_ttl_secs.div_ceil(60)), variable);
            }
        }
        self
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.locked.get(name).map(|lock| &lock.value)
    }

    /// What locks it.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.locked.get(name).map(|lock| lock.variable.as_str())
    }

    fn lock(&mut self, item: &'static Item, value: Value, variable: &str) {
        self.locked.insert(item.name, Lock { value, variable: variable.to_owned() });
    }
}

fn malformed(variable: &str, item: &'static Item) -> LockError {
    LockError::Malformed { variable: variable.to_owned(), name: item.name, expected: item.kind.expected() }
}

impl fmt::Debug for Locks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.locked.keys()).finish()
    }
}
