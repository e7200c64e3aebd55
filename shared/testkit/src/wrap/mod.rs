//! A [`Hook`] in front of every call: to count, to stop, to fail, to hold.

mod counting;
mod faulty;
mod gate;
mod ports;
mod shuffling;
mod stopping;

use std::sync::Arc;

use async_trait::async_trait;
use berth_registry::{Effect, Ports, StoreError, StoreErrorKind};

pub use counting::Counting;
pub use faulty::Faulty;
pub use gate::Gate;
pub use shuffling::Shuffling;
pub use stopping::Stopping;

use ports::Wrapped;

/// What is to happen to a call.
#[derive(Debug)]
pub enum Verdict {
    /// It is made and its answer arrives.
    Pass,
    /// It is not made; the caller gets this error.
    Before(StoreError),
    /// It is made and its answer is lost; the caller gets this error.
    After(StoreError),
}

/// Decides about every call to a port, before it is made. May take its time: until it answers, the call waits.
#[async_trait]
pub trait Hook: Send + Sync {
    /// What is to happen to this call. `call` names trait and method: `"LinkWrite::put"`.
    async fn before(&self, call: &'static str) -> Verdict;
}

/// The same ports with `hook` in front of every call. Clock and ids are not hooked.
pub fn wrap(ports: Ports, hook: Arc<impl Hook + 'static>) -> Ports {
    let hook: Arc<dyn Hook> = hook;
    Ports {
        blob_read: Wrapped::around(ports.blob_read, &hook),
        blob_write: Wrapped::around(ports.blob_write, &hook),
        staging: Wrapped::around(ports.staging, &hook),
        link_read: Wrapped::around(ports.link_read, &hook),
        link_write: Wrapped::around(ports.link_write, &hook),
        manifest_read: Wrapped::around(ports.manifest_read, &hook),
        manifest_write: Wrapped::around(ports.manifest_write, &hook),
        manifest_delete: Wrapped::around(ports.manifest_delete, &hook),
        tags: Wrapped::around(ports.tags, &hook),
        repositories: Wrapped::around(ports.repositories, &hook),
        referrers: Wrapped::around(ports.referrers, &hook),
        artifacts: Wrapped::around(ports.artifacts, &hook),
        catalog: Wrapped::around(ports.catalog, &hook),
        upload_states: Wrapped::around(ports.upload_states, &hook),
        upload_data: Wrapped::around(ports.upload_data, &hook),
        clock: ports.clock,
        ids: ports.ids,
    }
}

/// The error of a call that a hook lets fail.
pub fn injected(effect: Effect) -> StoreError {
    StoreError {
        kind: StoreErrorKind::Unavailable,
        effect,
        operation: "Injected",
        source: Some("a test wants this call to fail".into()),
    }
}
