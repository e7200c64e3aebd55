//! The API in memory: who may do what, the traps of Harbor's clients, listings, and attacks.

mod access;
mod attacks;
mod audited;
mod cli_tokens;
mod flows;
mod giving;
mod listings;
mod needs;
mod oidc;
mod secrets;
mod sessions;
mod shapes;
mod trust;
mod world;
