#![doc = include_str!("../README.md")]

pub mod aws;

mod cache;
mod discovery;
mod glob;
mod key_set;
mod matching;
mod platform;
mod refusal;
mod rule;
mod seen;
mod signed;
mod token;
mod verifier;

pub use discovery::{Description, IssuerError, KeyPlace, describe};
pub use glob::{Glob, GlobError};
pub use matching::Mismatch;
pub use refusal::Refusal;
pub use rule::{Condition, Rule, RuleError};
pub use seen::SeenTokens;
pub use signed::Signatures;
pub use token::claimed_issuer;
pub use verifier::{Verified, Verifier};
