#![doc = include_str!("../README.md")]

mod event;
mod handler;

pub use event::{Batch, EventError, Failed, FailedItem, Message, staged_objects};
pub use handler::handle;
