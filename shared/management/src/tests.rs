//! The API in memory: who may do what, the traps of Harbor's clients, listings, and attacks.

mod access;
mod artifacts;
mod attacks;
mod audited;
mod cli_tokens;
mod configured;
mod directory;
mod exported;
mod flows;
mod giving;
mod listings;
mod needs;
mod oidc;
mod repositories;
mod secrets;
mod sessions;
mod shapes;
mod trust;
mod world;
