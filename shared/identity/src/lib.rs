#![doc = include_str!("../README.md")]

mod password;
mod token;

pub use password::{ADMIN, PasswordSignIn, SignedIn};
pub use token::Tokens;
