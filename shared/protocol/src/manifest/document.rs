//! The JSON of all kinds of manifests in one struct. The derive refuses a field that occurs twice, which two
//! readers could take for two different manifests.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::{Descriptor, ManifestError};

#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    #[serde(default)]
    pub(super) schema_version: Option<i64>,
    #[serde(default, deserialize_with = "filled")]
    pub(super) media_type: Option<String>,
    #[serde(default, deserialize_with = "filled")]
    pub(super) artifact_type: Option<String>,
    #[serde(default, deserialize_with = "object")]
    pub(super) config: Option<Descriptor>,
    #[serde(default, deserialize_with = "list")]
    pub(super) layers: Option<Vec<Descriptor>>,
    #[serde(default, deserialize_with = "list")]
    pub(super) manifests: Option<Vec<Descriptor>>,
    #[serde(default, deserialize_with = "list")]
    pub(super) blobs: Option<Vec<Descriptor>>,
    #[serde(default, deserialize_with = "object")]
    pub(super) subject: Option<Descriptor>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub(super) annotations: BTreeMap<String, String>,
}

impl Document {
    pub(super) fn read(body: &[u8]) -> Result<Self, ManifestError> {
        let document: Object<Self> = serde_json::from_slice(body).map_err(ManifestError::Json)?;
        Ok(document.0)
    }
}

/// A struct that is read from an object only. A derived struct also reads an array, which no client would
/// understand.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// Reads `null` as the default; Go writes empty lists and maps like that.
pub(super) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads a text; the empty one counts as absent.
fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()))
}

fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Descriptor>, D::Error> {
    let descriptor: Option<Object<Descriptor>> = Option::deserialize(deserializer)?;
    Ok(descriptor.map(|descriptor| descriptor.0))
}

/// Reads a list that is present; `null` counts as the empty list.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Descriptor>>, D::Error> {
    let descriptors: Vec<Object<Descriptor>> = null_as_default(deserializer)?;
    Ok(Some(descriptors.into_iter().map(|descriptor| descriptor.0).collect()))
}
