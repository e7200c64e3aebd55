//! What a write does, and what it rests on.

use crate::Key;

/// What a change expects of the record that it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// Nothing.
    Anything,
    /// There is none.
    Absent,
    /// There is one.
    Present,
    /// It is the one that was read with this revision.
    Revision(String),
}

/// A change of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Makes or replaces the record.
    Put {
        /// Which.
        key: Key,
        /// The document, JSON of at most 300 KiB.
        document: String,
        /// When it may be forgotten, in seconds since 1970. From then on it is absent.
        expires_at_secs: Option<u64>,
        /// What must hold.
        expect: Expect,
    },
    /// Removes the record. Removing nothing is a success, if nothing else is expected.
    Delete {
        /// Which.
        key: Key,
        /// What must hold.
        expect: Expect,
    },
    /// Changes nothing, but the other changes happen only if this holds.
    Check {
        /// Which.
        key: Key,
        /// What must hold.
        expect: Expect,
    },
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// All changes are visible.
    Written,
    /// Nothing changed: an expectation did not hold, or another write was at the same records. Read again and decide anew. After
    /// a lost answer this may be the write's own doing.
    Conflict,
}

impl Change {
    /// Removes whatever is at `key`.
    pub fn delete(key: Key) -> Self {
        Self::Delete { key, expect: Expect::Anything }
    }

    /// The same, and what it puts may be forgotten at `at_secs`, in seconds since 1970. From then on it is absent.
    #[must_use]
    pub fn expiring(self, at_secs: u64) -> Self {
        match self {
            Self::Put { key, document, expect, .. } => {
                Self::Put { key, document, expires_at_secs: Some(at_secs), expect }
            }
            other => other,
        }
    }

    /// Which record this is about.
    pub fn key(&self) -> &Key {
        match self {
            Self::Put { key, .. } | Self::Delete { key, .. } | Self::Check { key, .. } => key,
        }
    }
}
