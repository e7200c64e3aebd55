//! AWS principals that prove who they are with a presigned `GetCallerIdentity`.
//!
//! The password is `berth-aws-v1.` and, in base64url, a URL that the caller presigned with his credentials. Whoever has it can learn the
//! caller's name from STS, and nothing else; we do the same. The header `x-berth-registry` is part of the signature and names the
//! registry, so that a password for one registry is of no use to another.
//!
//! A role may also bring a token of `GetWebIdentityToken`: that is a token like any other, for a [`Verifier`](crate::Verifier), checked
//! without a call to AWS.

mod presign;
mod presigned;
mod principal;
mod refusal;
mod rule;
mod sts;
mod verifier;

pub use presign::{PresignError, presign};
pub use principal::AwsPrincipal;
pub use refusal::AwsRefusal;
pub use rule::{AwsRule, AwsRuleError};
pub use verifier::{AwsProven, AwsVerified, AwsVerifier};

/// What a password of this kind starts with.
pub const PASSWORD_PREFIX: &str = "berth-aws-v1.";
/// The signed header that names the registry.
pub const REGISTRY_HEADER: &str = "x-berth-registry";

/// Longest password, in bytes.
const MAX_PASSWORD_BYTES: usize = 4096;
/// The longest that a password is good.
const MAX_EXPIRES_SECS: u64 = 900;
/// The call that is presigned.
const ACTION: &str = "GetCallerIdentity";
const VERSION: &str = "2011-06-15";

/// The host of STS in a region. `None` if that is not the name of a region.
fn sts_host(region: &str) -> Option<String> {
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    is_region(region).then(|| format!("sts.{region}.amazonaws.com{suffix}"))
}

/// `us-east-1`, `us-gov-west-1`: words of lower case letters, then a number of one or two digits.
fn is_region(text: &str) -> bool {
    let is_word =
        |word: &&str| (2..=12).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_number =
        |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let words: Vec<_> = text.split('-').collect();
    match words.split_last() {
        Some((number, words)) => {
            is_number(number) && (2..=4).contains(&words.len()) && words.iter().all(is_word)
        }
        None => false,
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_regions() {
        for (region, expected) in [
            ("us-east-1", Some("sts.us-east-1.amazonaws.com")),
            ("ap-southeast-12", Some("sts.ap-southeast-12.amazonaws.com")),
            ("us-gov-west-1", Some("sts.us-gov-west-1.amazonaws.com")),
            ("cn-north-1", Some("sts.cn-north-1.amazonaws.com.cn")),
            ("", None),
            ("us", None),
            ("us-east", None),
            ("us-1", None),
            ("us-east-1a", None),
            ("us-east-111", None),
            ("us-east--1", None),
            ("US-EAST-1", None),
            ("us.east-1", None),
            ("us-east-1.evil.example/", None),
            ("evil.example#-east-1", None),
            ("us-e\u{430}st-1", None),
        ] {
            assert_eq!(sts_host(region).as_deref(), expected, "{region}");
        }
    }
}
