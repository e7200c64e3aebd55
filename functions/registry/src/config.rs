//! What the environment says.

use berth_registry::upload::Signer;

/// Every environment variable that the function reads.
pub const VARIABLES: [&str; 4] =
    ["BERTH_BUCKET", "BERTH_TABLE", "BERTH_UPLOAD_KEY", "BERTH_UPLOAD_KEY_PREVIOUS"];

/// A key must not be guessable.
const MIN_KEY_CHARS: usize = 32;

/// The settings of the function.
#[derive(Debug, Clone)]
pub struct Config {
    /// The S3 bucket.
    pub bucket: String,
    /// The DynamoDB table.
    pub table: String,
    /// Signs upload sessions and blob addresses.
    pub signer: Signer,
}

/// A setting that is missing or malformed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// It is missing.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// It is too short for a key.
    #[error("{0} must have at least 32 characters")]
    ShortKey(&'static str),
}

impl Config {
    /// Reads the settings through `get`, which answers a variable's value.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let required = |name| get(name).filter(|value| !value.is_empty()).ok_or(ConfigError::Missing(name));
        let current = key("BERTH_UPLOAD_KEY", required("BERTH_UPLOAD_KEY")?)?;
        let previous = required("BERTH_UPLOAD_KEY_PREVIOUS").ok();
        let previous = previous.map(|text| key("BERTH_UPLOAD_KEY_PREVIOUS", text)).transpose()?;
        Ok(Self {
            bucket: required("BERTH_BUCKET")?,
            table: required("BERTH_TABLE")?,
            signer: Signer::new(current, previous),
        })
    }
}

fn key(name: &'static str, text: String) -> Result<String, ConfigError> {
    if text.len() < MIN_KEY_CHARS { Err(ConfigError::ShortKey(name)) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let pairs = pairs.to_vec();
        Config::read(|name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn all_but_the_previous_key_is_required() {
        let key = "ab".repeat(32);
        let whole = [("BERTH_BUCKET", "b"), ("BERTH_TABLE", "t"), ("BERTH_UPLOAD_KEY", key.as_str())];
        assert_eq!(read(&whole).unwrap().bucket, "b");
        for missing in 0..whole.len() {
            let mut partial = whole.to_vec();
            let (name, _) = partial.remove(missing);
            assert!(matches!(read(&partial), Err(ConfigError::Missing(found)) if found == name));
        }
    }

    #[test]
    fn a_short_key_is_an_error_and_not_a_missing_one() {
        let good = "ab".repeat(32);
        let pairs = [("BERTH_BUCKET", "b"), ("BERTH_TABLE", "t"), ("BERTH_UPLOAD_KEY", "short")];
        assert!(matches!(read(&pairs), Err(ConfigError::ShortKey("BERTH_UPLOAD_KEY"))));
        let pairs = [
            ("BERTH_BUCKET", "b"),
            ("BERTH_TABLE", "t"),
            ("BERTH_UPLOAD_KEY", good.as_str()),
            ("BERTH_UPLOAD_KEY_PREVIOUS", "short"),
        ];
        assert!(matches!(read(&pairs), Err(ConfigError::ShortKey("BERTH_UPLOAD_KEY_PREVIOUS"))));
    }
}
