//! What the OCI conformance suite in development checks, with all of its optional parts on, in both modes.
//!
//! That suite is a program that the tools of this repository cannot fetch, so its checks are written here anew. Unlike
//! the suite, an optional behaviour that is missing fails.

mod answer;
mod blobs;
mod data;
mod data_sets;
mod digests;
mod lifecycle;
mod manifests;
mod ranges;
mod repository;
mod tags;
mod uploads;
