//! Workloads that sign in, against an issuer and an STS on loopback.

mod accepted;
mod aws;
mod exchange;
mod refused;
mod support;
