#![doc = include_str!("../README.md")]

pub mod cli_tokens;
pub mod groups;
pub mod robots;
pub mod sessions;
pub mod trust;
pub mod users;

mod access;
mod directory;
mod external;
mod failures;
mod onboard;
mod secret;
mod token;
mod turns;
mod workloads;

pub use access::{AccessSettings, ProjectAccess};
pub use directory::{Directory, DirectoryParts, SignedIn};
pub use external::{DirectoryError, External, PasswordDirectory};
pub use onboard::{Onboarded, known_oidc_user, new_oidc_user};
pub use secret::{SecretHash, WeakSecret, check_strength, generate, same_secret};
pub use token::{InvalidKey, Tokens};
pub use workloads::{WorkloadParts, Workloads};
