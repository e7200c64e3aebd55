#![doc = include_str!("../README.md")]

mod event;
mod handler;

pub use event::{Batch, EventError, LogEvent, LogsEvent, Packed};
pub use handler::{Failure, handle};
