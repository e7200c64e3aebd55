#![doc = include_str!("../README.md")]

mod change;
mod key;
mod port;
mod stored;

pub use change::{Change, Expect, Written};
pub use key::{Key, number_key};
pub use port::{MAX_CHANGES, MAX_KEYS, Page, Range, Record, RecordRead, RecordWrite};
pub use stored::{Stored, get, get_many, list, put};
