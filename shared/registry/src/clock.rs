//! Time and chance, as arguments.

use std::time::Duration;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Time since the Unix epoch.
    fn now(&self) -> Duration;

    /// Whole seconds since the Unix epoch.
    fn now_secs(&self) -> u64 {
        self.now().as_secs()
    }
}

/// Where unpredictable names come from.
pub trait Ids: Send + Sync {
    /// A new name: 32 lower case hexadecimal characters, 128 bits that nobody can guess.
    fn next(&self) -> String;
}
