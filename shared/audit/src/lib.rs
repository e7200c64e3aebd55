#![doc = include_str!("../README.md")]

pub mod calendar;

mod entry;
mod export;
mod log;
mod read;

pub use entry::{Entry, Event, ProjectRef};
pub use log::{AuditLog, DEFAULT_RETENTION_DAYS};
pub use read::{Part, Window};
