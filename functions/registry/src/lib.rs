#![doc = include_str!("../README.md")]

mod config;
mod service;
mod system;

pub use config::{Config, ConfigError, VARIABLES};
pub use service::{Surroundings, service};
pub use system::{RandomIds, SystemClock};
