#![doc = include_str!("../README.md")]

mod config;
mod limits;
mod service;
mod system;

pub use config::{Config, ConfigError, VARIABLES};
pub use limits::{MAX_EVENT_BODY_BYTES, lambda_settings};
pub use service::{Surroundings, service};
pub use system::{RandomIds, SystemClock};
