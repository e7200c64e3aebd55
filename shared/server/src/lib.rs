#![doc = include_str!("../README.md")]

mod drain;
mod serve;
mod stop;

pub use serve::{Handler, serve};
pub use stop::stop_signal;
