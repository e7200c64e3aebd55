#![doc = include_str!("../README.md")]

mod error;
mod manifests;
mod no_uploads;
mod s3;
#[cfg(test)]
mod samples;
mod store;
mod table;

pub use manifests::Manifests;
pub use s3::{Key, S3};
pub use store::Store;
pub use table::{INLINE_BODY_BYTES, PARTITION_KEY, SORT_KEY, TTL_ATTRIBUTE, Table, create_table};
