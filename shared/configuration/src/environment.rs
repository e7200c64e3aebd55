//! What a deployment gives the configuration.

use crate::{LockError, Locks, Seals};

/// What a deployment gives the configuration: how secrets are kept, and what is decided.
#[derive(Debug, Clone)]
pub struct Environment {
    /// For secrets.
    pub seals: Seals,
    /// What nobody can change.
    pub locks: Locks,
}

impl Environment {
    /// Nothing is decided; secrets are sealed with a key from this text.
    pub fn of_key(key: &str) -> Self {
        Self { seals: Seals::new(key, None), locks: Locks::default() }
    }

    /// Reads what is decided through `get`, which answers a variable's value.
    pub fn read(seals: Seals, get: impl Fn(&str) -> Option<String>) -> Result<Self, LockError> {
        Ok(Self { seals, locks: Locks::read(get)? })
    }
}
