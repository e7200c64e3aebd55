//! The commands of `berth` that work with a registry, run as programs.

mod admin;
mod auth;
mod failures;
mod login;
mod place;
mod push;
mod relay;
mod stub;
