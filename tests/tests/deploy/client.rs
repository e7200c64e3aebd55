//! What the wrappers of client programs need (../clients), without the tests that they bring along.

#[path = "../clients/client.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "its tests run elsewhere")]
mod original;

pub(crate) use original::{Client, REMEDIES, Upload};

/// In place of the one that makes tests.
macro_rules! client_tests {
    ($($any:tt)*) => {};
}

pub(crate) use client_tests;
