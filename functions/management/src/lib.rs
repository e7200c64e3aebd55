#![doc = include_str!("../README.md")]

mod function;
mod wiring;

pub use function::Function;
pub use wiring::management;
