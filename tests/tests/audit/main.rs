//! The audit log, from a request to whoever reads it.

mod calls;
mod crash;
mod log;
mod process;
