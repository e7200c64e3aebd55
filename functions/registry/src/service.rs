//! Storage, use cases and HTTP put together.

use std::sync::Arc;

use berth_http::{Oci, Settings};
use berth_registry::{Authorizer, Config, Ports, Registry};

/// What differs between the places where the service runs.
pub struct Surroundings {
    /// Keys and lifetimes.
    pub config: Config,
    /// Who may do what.
    pub authorizer: Arc<dyn Authorizer>,
    /// What the front lets through.
    pub settings: Settings,
}

/// The OCI API on these ports, and the use cases that events need.
pub fn service(ports: Ports, surroundings: Surroundings) -> (Oci, Registry) {
    let ids = Arc::clone(&ports.ids);
    let registry = Registry::new(ports, surroundings.config);
    let oci = Oci::new(registry.clone(), surroundings.authorizer, ids, surroundings.settings);
    (oci, registry)
}
