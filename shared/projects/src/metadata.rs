//! The settings of a project: Harbor's, as texts by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The settings of a project. Those that are not there have their default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

/// A setting that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// There is no setting of that name.
    #[error("there is no project setting {0:?}")]
    Unknown(String),
    /// It cannot have that value.
    #[error("{name} must be {expected}, not {value:?}")]
    Value {
        /// The setting.
        name: String,
        /// What was asked for.
        value: String,
        /// What it can be.
        expected: &'static str,
    },
}

/// What a setting can be.
enum Kind {
    Switch,
    Severity,
    Number,
    Text,
}

/// The longest free text.
const MAX_TEXT_BYTES: usize = 1024;
const PUBLIC: &str = "public";

const SETTINGS: [(&str, Kind); 15] = [
    (PUBLIC, Kind::Switch),
    ("enable_content_trust", Kind::Switch),
    ("enable_content_trust_cosign", Kind::Switch),
    ("prevent_vul", Kind::Switch),
    ("severity", Kind::Severity),
    ("auto_scan", Kind::Switch),
    ("auto_sbom_generation", Kind::Switch),
    ("reuse_sys_cve_allowlist", Kind::Switch),
    ("retention_id", Kind::Number),
    ("proxy_speed_kb", Kind::Number),
    ("max_upstream_conn", Kind::Number),
    ("proxy_cache_local_on_not_found", Kind::Switch),
    ("proxy_referrer_api", Kind::Switch),
    ("proxy_cache_filter_pattern", Kind::Text),
    ("proxy_cache_filter_kind", Kind::Text),
];

impl Metadata {
    /// The value of a setting, if it was set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All that are set, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Sets one. Switches are `true` or `false`, also written `1` and `0`.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), MetadataError> {
        let kind = SETTINGS.iter().find(|(known, _)| *known == name).map(|(_, kind)| kind);
        let kind = kind.ok_or_else(|| MetadataError::Unknown(name.to_owned()))?;
        let (known, expected) = match kind {
            Kind::Switch => (switch(value), "true or false"),
            Kind::Severity => (severity(value), "none, low, medium, high or critical"),
            Kind::Number => (value.parse::<i64>().ok().map(|number| number.to_string()), "a number"),
            Kind::Text => {
                (Some(value.to_owned()).filter(|text| text.len() <= MAX_TEXT_BYTES), "at most 1024 bytes")
            }
        };
        let wrong = || MetadataError::Value { name: name.to_owned(), value: value.to_owned(), expected };
        self.0.insert(name.to_owned(), known.ok_or_else(wrong)?);
        Ok(())
    }

    /// Takes one back to its default. Whether it was set.
    pub fn remove(&mut self, name: &str) -> bool {
        self.0.remove(name).is_some()
    }

    /// Whether everybody may pull.
    pub fn is_public(&self) -> bool {
        self.get(PUBLIC) == Some("true")
    }
}

fn switch(value: &str) -> Option<String> {
    match value {
        "true" | "1" | "True" => Some("true".to_owned()),
        "false" | "0" | "False" => Some("false".to_owned()),
        _ => None,
    }
}

fn severity(value: &str) -> Option<String> {
    let value = value.to_ascii_lowercase();
    ["none", "low", "medium", "high", "critical"].contains(&value.as_str()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_settings_with_known_values_alone() {
        let mut metadata = Metadata::default();
        assert!(!metadata.is_public());
        metadata.set("public", "1").unwrap();
        metadata.set("severity", "High").unwrap();
        assert!(metadata.is_public());
        assert_eq!(metadata.iter().collect::<Vec<_>>(), [("public", "true"), ("severity", "high")]);
        assert!(matches!(metadata.set("owner", "me"), Err(MetadataError::Unknown(_))));
        let error = metadata.set("public", "perhaps").unwrap_err();
        assert_eq!(error.to_string(), r#"public must be true or false, not "perhaps""#);
        assert!(metadata.is_public());
        assert!(metadata.remove("public") && !metadata.remove("public") && !metadata.is_public());
    }
}
