//! Storage, use cases and HTTP put together.

use std::sync::Arc;

use berth_http::{Oci, Settings};
use berth_identity::{PasswordSignIn, SignedIn, Tokens};
use berth_registry::{Config, OpenAccess, Ports, Registry};

/// What differs between the places where the service runs.
pub struct Surroundings {
    /// Keys and lifetimes.
    pub config: Config,
    /// Who may use the registry.
    pub access: Access,
    /// What the front lets through.
    pub settings: Settings,
}

/// Who may use the registry.
#[derive(Clone)]
pub enum Access {
    /// Everybody who can reach it.
    Open,
    /// Whoever knows the password.
    Password {
        /// Of the one user, `admin`.
        password: String,
        /// The tokens that stand for it.
        tokens: Tokens,
        /// How long a token lives.
        token_ttl_secs: u64,
    },
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Password { .. } => "Password",
        })
    }
}

/// The OCI API on these ports, and the use cases that events need.
pub fn service(ports: Ports, surroundings: Surroundings) -> (Oci, Registry) {
    let Surroundings { config, access, settings } = surroundings;
    let (clock, ids) = (Arc::clone(&ports.clock), Arc::clone(&ports.ids));
    let registry = Registry::new(ports, config);
    let oci = match access {
        Access::Open => Oci::new(registry.clone(), Arc::new(OpenAccess), ids, settings),
        Access::Password { password, tokens, token_ttl_secs } => {
            Oci::new(registry.clone(), Arc::new(SignedIn), ids, settings)
                .with_sign_in(Arc::new(PasswordSignIn::new(password, tokens, token_ttl_secs, clock)))
        }
    };
    (oci, registry)
}
