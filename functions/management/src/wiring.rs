//! The API on what the registry's access stands on.

use berth_function_registry::Administration;
use berth_management::{Management, Parts, Settings};

/// The version of Harbor whose API clients are told to expect.
const HARBOR_VERSION: &str = "v2.15.0";

/// The API on these parts, where people reach the registry at `external_url`. Reads nothing.
pub fn management(administration: Administration, external_url: String) -> Management {
    let settings = Settings { external_url, harbor_version: HARBOR_VERSION.to_owned() };
    let parts = Parts {
        directory: administration.directory,
        projects: administration.projects,
        groups: administration.groups,
        oidc: administration.oidc,
        audit: administration.audit,
        repositories: administration.repositories,
        registry: administration.registry,
        configuration: administration.configuration,
        read: administration.read,
        write: administration.write,
        clock: administration.clock,
        ids: administration.ids,
    };
    Management::new(parts, settings)
}
