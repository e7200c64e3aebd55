#![doc = include_str!("../README.md")]
#![expect(clippy::missing_panics_doc, reason = "everything here is for tests, which fail by panicking")]

pub mod build;
pub mod contract;
pub mod memory;
pub mod wrap;

mod clock;
mod ids;
mod provider;
mod random;
mod stream;

pub use clock::ManualClock;
pub use ids::CountingIds;
pub use memory::Memory;
pub use provider::Provider;
pub use random::Random;
pub use stream::{broken_stream, collect, stream_of};
