#![doc = include_str!("../README.md")]

pub mod calendar;

mod entry;
mod export;
mod happening;
mod keep;
mod line;
mod log;
mod read;

pub use entry::{Detail, Entry, Event, ProjectRef};
pub use export::Export;
pub use line::{Line, Lines, MARK, MAX_LINE_BYTES};
pub use log::{AuditLog, DEFAULT_RETENTION_DAYS};
pub use read::{Part, Window};
