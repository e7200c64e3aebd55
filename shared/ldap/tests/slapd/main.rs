//! The directory against a real `OpenLDAP` server.

mod groups;
mod ldif;
mod search;
mod server;
mod sign_in;
mod tls;
mod trouble;
