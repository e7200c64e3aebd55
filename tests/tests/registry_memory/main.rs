//! The use cases of `berth-registry`, on ports in memory.

mod artifacts;
mod blobs;
mod budget;
mod crashes;
mod faults;
mod invariants;
mod listing;
mod manifests;
mod races;
mod registry;
mod sessions;
mod uploads;
