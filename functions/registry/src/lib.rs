#![doc = include_str!("../README.md")]

pub mod event;

mod aws;
mod config;
mod delivery;
mod limits;
mod lines;
mod origin;
mod outside;
mod service;
mod start;
mod system;

pub use aws::{lambda_aws, server_aws};
pub use berth_configuration::Environment;
pub use config::{Config, ConfigError, RETENTION_DAYS, VARIABLES, retention_days};
pub use delivery::with_networks;
pub use limits::{MAX_EVENT_BODY_BYTES, gateway_settings, lambda_settings};
pub use lines::{Audit, StandardOutput};
pub use origin::{ORIGIN_HEADER, OriginSecret, URL_HEADER, VIEWER_HEADER};
pub use outside::Outside;
pub use service::{Access, Administration, Service, Storage, Surroundings, service, service_with};
pub use start::{open_store, open_table, start};
pub use system::{RandomIds, SystemClock};
