//! The crate as its users see it, against issuers and an STS on loopback.

mod algorithms;
mod attacks;
mod forged;
mod key_sets;
mod platforms;
mod presigned;
mod single_use;
mod support;
