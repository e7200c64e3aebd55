//! Parameters as Harbor keeps them: an object in a text. An object itself is taken too.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Text(String),
    Object(BTreeMap<String, String>),
}

pub(super) fn serialize<S: Serializer>(
    parameters: &BTreeMap<String, String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if parameters.is_empty() {
        return serializer.serialize_str("");
    }
    serializer.serialize_str(&serde_json::to_string(parameters).map_err(S::Error::custom)?)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    match Option::<Given>::deserialize(deserializer)? {
        None => Ok(BTreeMap::new()),
        Some(Given::Object(parameters)) => Ok(parameters),
        Some(Given::Text(text)) if text.trim().is_empty() => Ok(BTreeMap::new()),
        Some(Given::Text(text)) => serde_json::from_str(&text).map_err(|_| {
            D::Error::custom("oidc_extra_redirect_parms must be an object of texts, as JSON in a text")
        }),
    }
}
