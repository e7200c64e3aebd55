#![doc = include_str!("../README.md")]

mod answer;
mod challenge;
mod exchange;
mod failure;
mod happening;
mod oci;
mod payload;
mod service;
mod token;

pub use answer::{Body, boxed, error_answer, whole_body};
pub use failure::Failure;
pub use oci::LARGE_BLOB_REMEDY;
pub use service::{Oci, Settings, VERSION_HEADER, Viewer, visit};
