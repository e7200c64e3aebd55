//! What the cross-crate tests share: a running `berth`, the client programs, and images made on the spot.
//!
//! Everything here is for tests, so a broken promise panics with what is needed to understand it: the command line,
//! its output, and the end of the registry's log.
#![expect(clippy::missing_panics_doc, reason = "a harness panics to fail the test that uses it")]

mod archive;
mod berth;
mod document;
pub mod embedded;
mod layer;
mod layout;
mod relay;
mod run;
mod supervised;
mod tool;

pub use berth::{Berth, Mode, program};
pub use document::compare_with_document;
pub use layer::SeededBytes;
pub use layout::{Descriptor, Layout, Recipe, sha256_digest};
pub use relay::Relay;
pub use run::{Finished, Run};
pub use supervised::Supervised;
pub use tool::{Tool, repository_root};

/// The tests of [`in_both_modes`], and `deployed::<name>`: on the production stack, deployed to an emulator.
#[macro_export]
macro_rules! in_all_modes {
    ($($(#[$attribute:meta])* $test:ident),+ $(,)?) => {
        $crate::in_both_modes!($($(#[$attribute])* $test),+);
        mod deployed {
            $($(#[$attribute])* #[test] fn $test() { super::$test($crate::Mode::Deployed) })+
        }
    };
}

/// Makes two tests of every named `fn(Mode)`: `gateway::<name>` and `lambda_limits::<name>`.
///
/// Attributes before a name, such as `#[ignore = "…"]`, go to both.
#[macro_export]
macro_rules! in_both_modes {
    ($($(#[$attribute:meta])* $test:ident),+ $(,)?) => {
        mod gateway {
            $($(#[$attribute])* #[test] fn $test() { super::$test($crate::Mode::Gateway) })+
        }
        mod lambda_limits {
            $($(#[$attribute])* #[test] fn $test() { super::$test($crate::Mode::LambdaLimits) })+
        }
    };
}
