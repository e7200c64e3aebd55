#![doc = include_str!("../README.md")]

pub mod groups;
pub mod robots;
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
pub use secret::{SecretHash, WeakSecret, check_strength, generate, same_secret};
pub use token::{InvalidKey, Tokens};
pub use workloads::{WorkloadParts, Workloads};
