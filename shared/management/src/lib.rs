#![doc = include_str!("../README.md")]

mod access;
mod answer;
mod artifact;
mod audit;
mod auditlog;
mod caller;
mod configure;
mod cookie;
mod docs;
mod failure;
mod health;
mod label;
mod later;
mod ldap;
mod member;
mod metadata;
mod permissions;
mod ping;
mod project;
mod query;
mod quota;
mod repositories;
mod repository;
mod request;
mod robot;
mod route;
mod router;
mod search;
mod service;
mod session;
mod settings;
mod statistics;
mod store;
mod systeminfo;
mod trust;
mod user;
mod usergroup;
mod visible;
mod world;

pub use service::{Management, is_management_path};
pub use settings::Settings;
pub use world::Parts;

#[cfg(test)]
mod tests;
