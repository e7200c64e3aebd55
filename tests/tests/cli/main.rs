//! `berth push` and `berth relay`, run as programs.

mod auth;
mod failures;
mod place;
mod push;
mod relay;
mod stub;
