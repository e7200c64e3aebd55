//! What the environment says.

use std::sync::Arc;

use berth_audit::DEFAULT_RETENTION_DAYS;
use berth_configuration::{Environment, LockError, SETTINGS_VARIABLE, Seals};
use berth_identity::{AccessSettings, Tokens};
use berth_registry::Delivery;
use berth_registry::upload::Signer;

use crate::origin::OriginSecret;
use crate::service::Access;

/// Every environment variable that the functions with this service read, and what it means; besides those that lock an item of
/// the configuration. docs/settings.md holds it, and a test compares.
pub const VARIABLES: [(&str, &str); 16] = [
    ("BERTH_BUCKET", "The S3 bucket. Required."),
    ("BERTH_TABLE", "The DynamoDB table. Required."),
    ("BERTH_UPLOAD_KEY", "Signs upload sessions and blob links; at least 32 characters. Required."),
    ("BERTH_UPLOAD_KEY_PREVIOUS", "The key before it, still accepted."),
    ("BERTH_ORIGIN_SECRET", "What the distribution proves itself with; empty believes everybody."),
    ("BERTH_ORIGIN_SECRET_PREVIOUS", "The secret before it, still accepted."),
    ("BERTH_BLOB_DELIVERY", "Where clients fetch blobs: `edge` (default), `s3` or `auto`."),
    ("BERTH_ACCESS", "Who may use the registry: `open` (default) or `projects`."),
    (
        "BERTH_ADMIN_PASSWORD",
        "The first password of `admin`; at least 12 characters. Required with `projects`.",
    ),
    (
        "BERTH_TOKEN_KEY",
        "Signs tokens and seals secrets of the configuration; at least 32 characters. Required with `projects`.",
    ),
    ("BERTH_TOKEN_KEY_PREVIOUS", "The key before it, still accepted."),
    ("BERTH_TOKEN_TTL_SECS", "How long a token lives: 1 to 3600 seconds, 300 if not set."),
    ("BERTH_CREATE_PROJECTS", "`1`: a push by an administrator makes the project that is missing."),
    ("BERTH_GATEWAY", "`1`: the distribution sends uploads in pieces to a gateway."),
    (RETENTION_DAYS, "How many days audit entries are kept: 1 to 3653, 365 if not set."),
    (
        SETTINGS_VARIABLE,
        "A JSON object of items of the configuration, which are locked; a variable of an item's own comes first.",
    ),
];

/// How many days audit entries are kept; the audit function reads it too.
pub const RETENTION_DAYS: &str = "BERTH_AUDIT_RETENTION_DAYS";

/// A key must not be guessable.
const MIN_KEY_CHARS: usize = 32;
/// Nor must a password; the template makes longer ones.
const MIN_PASSWORD_CHARS: usize = 12;

/// How long a token lives: long enough for a request, short enough that a withdrawn right ends soon.
const TOKEN_TTL_SECS: u64 = 5 * 60;
const MAX_TOKEN_TTL_SECS: u64 = 60 * 60;
/// Ten years.
const MAX_RETENTION_DAYS: u64 = 3653;

/// The settings of the function.
#[derive(Debug, Clone)]
pub struct Config {
    /// The S3 bucket.
    pub bucket: String,
    /// The DynamoDB table.
    pub table: String,
    /// Signs upload sessions and blob addresses.
    pub signer: Signer,
    /// Proves that a request came through the distribution.
    pub origin: OriginSecret,
    /// How blobs reach clients. `Auto` knows no networks yet: they lie in the bucket.
    pub delivery: Delivery,
    /// Who may use the registry.
    pub access: Access,
    /// Whether the distribution sends uploads in pieces to a gateway, which takes any.
    pub has_gateway: bool,
    /// How long audit entries are kept.
    pub audit_retention_days: u64,
}

/// A setting that is missing or malformed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// It is missing.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// It is too short for a secret.
    #[error("{name} must have at least {min_chars} characters")]
    TooShort {
        /// The variable.
        name: &'static str,
        /// What it must have.
        min_chars: usize,
    },
    /// It is not one of the values that it can have.
    #[error("{name} must be one of {expected}")]
    Unknown {
        /// The variable.
        name: &'static str,
        /// What it can be.
        expected: &'static str,
    },
    /// It is one of the texts, of which there are few, that give no key.
    #[error("{0} gives no signing key; generate another one")]
    NoKey(&'static str),
    /// It is meant to lock something that is configured, and cannot.
    #[error(transparent)]
    Lock(#[from] LockError),
}

impl Config {
    /// Reads the settings through `get`, which answers a variable's value. An empty value is none.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let from = Source(&get);
        Ok(Self {
            bucket: from.required("BERTH_BUCKET")?,
            table: from.required("BERTH_TABLE")?,
            signer: Signer::new(
                from.secret("BERTH_UPLOAD_KEY", MIN_KEY_CHARS)?,
                from.optional_key("BERTH_UPLOAD_KEY_PREVIOUS")?,
            ),
            origin: OriginSecret::new(
                from.optional_key("BERTH_ORIGIN_SECRET")?,
                from.optional_key("BERTH_ORIGIN_SECRET_PREVIOUS")?,
            ),
            delivery: match from.optional("BERTH_BLOB_DELIVERY").as_deref() {
                None | Some("edge") => Delivery::Edge,
                Some("s3") => Delivery::S3,
                Some("auto") => Delivery::Auto(Arc::default()),
                Some(_) => {
                    let expected = "edge, s3, auto";
                    return Err(ConfigError::Unknown { name: "BERTH_BLOB_DELIVERY", expected });
                }
            },
            access: from.access()?,
            has_gateway: from.switch("BERTH_GATEWAY")?,
            audit_retention_days: retention_days(&get)?,
        })
    }
}

/// How many days audit entries are kept, by the variable's value.
pub fn retention_days(get: impl Fn(&str) -> Option<String>) -> Result<u64, ConfigError> {
    let Some(text) = Source(&get).optional(RETENTION_DAYS) else { return Ok(DEFAULT_RETENTION_DAYS) };
    let days = text.parse().ok().filter(|days| (1..=MAX_RETENTION_DAYS).contains(days));
    days.ok_or(ConfigError::Unknown { name: RETENTION_DAYS, expected: "1 to 3653" })
}

struct Source<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Source<'_> {
    fn optional(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn required(&self, name: &'static str) -> Result<String, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing(name))
    }

    fn secret(&self, name: &'static str, min_chars: usize) -> Result<String, ConfigError> {
        let text = self.required(name)?;
        if text.len() < min_chars { Err(ConfigError::TooShort { name, min_chars }) } else { Ok(text) }
    }

    fn optional_key(&self, name: &'static str) -> Result<Option<String>, ConfigError> {
        self.optional(name).map(|_| self.secret(name, MIN_KEY_CHARS)).transpose()
    }

    fn switch(&self, name: &'static str) -> Result<bool, ConfigError> {
        match self.optional(name).as_deref() {
            None => Ok(false),
            Some("1") => Ok(true),
            Some(_) => Err(ConfigError::Unknown { name, expected: "1, or nothing" }),
        }
    }

    fn access(&self) -> Result<Access, ConfigError> {
        match self.optional("BERTH_ACCESS").as_deref() {
            None | Some("open") => Ok(Access::Open),
            Some("projects") => {
                let key = "BERTH_TOKEN_KEY";
                let current = self.secret(key, MIN_KEY_CHARS)?;
                let previous = self.optional_key("BERTH_TOKEN_KEY_PREVIOUS")?;
                Ok(Access::Projects {
                    first_password: Some(self.secret("BERTH_ADMIN_PASSWORD", MIN_PASSWORD_CHARS)?),
                    tokens: Tokens::new(&current, previous.as_deref())
                        .map_err(|_| ConfigError::NoKey(key))?,
                    settings: AccessSettings {
                        token_ttl_secs: self.token_ttl_secs()?,
                        create_on_push: self.switch("BERTH_CREATE_PROJECTS")?,
                    },
                    environment: Environment::read(Seals::new(&current, previous.as_deref()), self.0)?,
                })
            }
            Some(_) => Err(ConfigError::Unknown { name: "BERTH_ACCESS", expected: "open, projects" }),
        }
    }

    fn token_ttl_secs(&self) -> Result<u64, ConfigError> {
        let name = "BERTH_TOKEN_TTL_SECS";
        let Some(text) = self.optional(name) else { return Ok(TOKEN_TTL_SECS) };
        let secs = text.parse().ok().filter(|secs| (1..=MAX_TOKEN_TTL_SECS).contains(secs));
        secs.ok_or(ConfigError::Unknown { name, expected: "1 to 3600" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "abababababababababababababababababababababab";
    const LEAST: [(&str, &str); 3] = [("BERTH_BUCKET", "b"), ("BERTH_TABLE", "t"), ("BERTH_UPLOAD_KEY", KEY)];

    fn read(more: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let pairs: Vec<(&str, &str)> = LEAST.iter().chain(more).copied().collect();
        Config::read(|name| {
            pairs.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn bucket_table_and_upload_key_are_required() {
        let config = read(&[]).unwrap();
        assert_eq!((config.bucket.as_str(), config.delivery), ("b", Delivery::Edge));
        assert!(matches!(config.access, Access::Open));
        for (name, _) in LEAST {
            assert_eq!(read(&[(name, "")]).unwrap_err(), ConfigError::Missing(name));
        }
    }

    #[test]
    fn a_gateway_is_there_or_not() {
        assert!(!read(&[]).unwrap().has_gateway);
        assert!(!read(&[("BERTH_GATEWAY", "")]).unwrap().has_gateway);
        assert!(read(&[("BERTH_GATEWAY", "1")]).unwrap().has_gateway);
        assert!(read(&[("BERTH_GATEWAY", "false")]).is_err());
    }

    #[test]
    fn audit_entries_are_kept_for_a_year_or_as_long_as_is_said() {
        assert_eq!(read(&[]).unwrap().audit_retention_days, 365);
        assert_eq!(read(&[(RETENTION_DAYS, "90")]).unwrap().audit_retention_days, 90);
        for wrong in ["0", "3654", "-1", "a year"] {
            let expected = ConfigError::Unknown { name: RETENTION_DAYS, expected: "1 to 3653" };
            assert_eq!(read(&[(RETENTION_DAYS, wrong)]).unwrap_err(), expected, "{wrong}");
        }
    }

    #[test]
    fn a_short_secret_is_an_error_and_not_a_missing_one() {
        for name in ["BERTH_UPLOAD_KEY", "BERTH_UPLOAD_KEY_PREVIOUS", "BERTH_ORIGIN_SECRET"] {
            let short = ConfigError::TooShort { name, min_chars: MIN_KEY_CHARS };
            assert_eq!(read(&[(name, "short")]).unwrap_err(), short);
        }
    }

    #[test]
    fn projects_need_a_first_password_and_a_key_for_tokens() {
        let password = ("BERTH_ADMIN_PASSWORD", "correct horse battery");
        let access = ("BERTH_ACCESS", "projects");
        assert_eq!(read(&[access, password]).unwrap_err(), ConfigError::Missing("BERTH_TOKEN_KEY"));
        let config = read(&[access, password, ("BERTH_TOKEN_KEY", KEY)]).unwrap();
        assert!(matches!(config.access, Access::Projects { .. }));
        let secrets = [access, password, ("BERTH_TOKEN_KEY", KEY)];
        let locked = read(&[&secrets[..], &[("BERTH_AUTH_MODE", "none")]].concat()).unwrap_err();
        assert!(matches!(&locked, ConfigError::Lock(_)), "{locked}");
        let error = read(&[("BERTH_ACCESS", "nobody")]).unwrap_err();
        assert_eq!(error, ConfigError::Unknown { name: "BERTH_ACCESS", expected: "open, projects" });
    }
}
