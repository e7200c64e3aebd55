#![doc = include_str!("../README.md")]

mod password;
mod secret;
mod token;

pub use password::{ADMIN, PasswordSignIn, SignedIn};
pub use secret::same_secret;
pub use token::Tokens;
