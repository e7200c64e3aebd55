//! The API on what the registry's access stands on.

use berth_function_registry::Administration;
use berth_management::{Management, Parts, Settings};

/// The version of Harbor whose API clients are told to expect.
const HARBOR_VERSION: &str = "v2.15.0";

/// The API on these parts, where people reach the registry at `external_url`. Reads nothing.
pub fn management(administration: Administration, external_url: String) -> Management {
    let Administration {
        directory,
        projects,
        groups,
        oidc,
        audit,
        repositories,
        registry,
        configuration,
        read,
        write,
        clock,
        ids,
    } = administration;
    let settings = Settings { external_url, harbor_version: HARBOR_VERSION.to_owned() };
    let parts = Parts {
        directory,
        projects,
        groups,
        oidc,
        audit,
        repositories,
        registry,
        configuration,
        read,
        write,
        clock,
        ids,
    };
    Management::new(parts, settings)
}
