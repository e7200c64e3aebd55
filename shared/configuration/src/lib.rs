#![doc = include_str!("../README.md")]

mod change;
mod configured;
mod document;
mod environment;
mod item;
mod items;
mod kind;
mod locks;
mod modes;
mod seals;
mod store;

pub use change::{Change, Refusal};
pub use configured::{Configured, Shown};
pub use document::document;
pub use environment::Environment;
pub use item::{Item, Plain, Source};
pub use items::items;
pub use kind::Kind;
pub use locks::{LockError, Locks, SETTINGS_VARIABLE};
pub use modes::{AuthMode, ProjectCreation};
pub use seals::Seals;
pub use store::{Configuration, Parts};

#[cfg(test)]
mod tests;
