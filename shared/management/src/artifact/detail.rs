//! What an artifact says about itself: its manifest, and the config of an image or a chart.

use std::collections::BTreeMap;

use berth_protocol::{Descriptor, Digest, Manifest, MediaType, Reference};
use berth_registry::ports::Artifact;
use berth_registry::{Permit, Pull, Registry, StoreError};
use serde_json::{Map, Value, json};

use super::kind::{CHART, IMAGE, Kind};

/// A longer config is not read.
pub(super) const MAX_CONFIG_BYTES: u64 = 1 << 20;
/// Labels in which an image without an author may name him.
const AUTHOR_LABELS: [&str; 2] = ["org.opencontainers.image.authors", "maintainer"];

/// Nothing, if the manifest went meanwhile.
#[derive(Debug, Default)]
pub(super) struct Detail {
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) entries: Vec<Descriptor>,
    pub(super) extra_attrs: Map<String, Value>,
}

impl Detail {
    /// Two reads for an image, three if its manifest is large; and one more of the database.
    pub(super) async fn read(
        registry: &Registry,
        permit: &Permit<Pull>,
        artifact: &Artifact,
        kind: &Kind,
    ) -> Result<Self, StoreError> {
        let Some(manifest) = manifest(registry, permit, &artifact.digest).await? else {
            return Ok(Self::default());
        };
        let extra_attrs = if kind.is(IMAGE) || kind.is(CHART) {
            config(registry, permit, &manifest).await?.map(|config| extra_attrs(kind, config))
        } else {
            None
        };
        Ok(Self {
            annotations: manifest.annotations().clone(),
            entries: manifest.manifests().to_vec(),
            extra_attrs: extra_attrs.unwrap_or_default(),
        })
    }
}

/// The manifest; `None` if it is not there, or is none.
pub(super) async fn manifest(
    registry: &Registry,
    permit: &Permit<Pull>,
    digest: &Digest,
) -> Result<Option<Manifest>, StoreError> {
    let Some(record) = registry.head_manifest(permit, &Reference::Digest(digest.clone())).await? else {
        return Ok(None);
    };
    let body = registry.manifest_body(permit, &record).await?;
    let media_type = MediaType::parse(&record.media_type).ok();
    Ok(Manifest::read(&body, media_type.as_ref()).ok())
}

/// The config, if there is one that is an object in JSON and not too long. What a client put there is not believed to be anything.
pub(super) async fn config(
    registry: &Registry,
    permit: &Permit<Pull>,
    manifest: &Manifest,
) -> Result<Option<Map<String, Value>>, StoreError> {
    let Some(config) = manifest.config() else { return Ok(None) };
    let content = registry.small_blob(permit, &config.digest, MAX_CONFIG_BYTES).await?;
    Ok(content.and_then(|content| serde_json::from_slice(&content).ok()))
}

/// What Harbor shows of a config: all of a chart's, and this of an image's.
fn extra_attrs(kind: &Kind, mut config: Map<String, Value>) -> Map<String, Value> {
    if !kind.is(IMAGE) {
        return config;
    }
    let author = author(&config);
    let mut shown = Map::new();
    for name in ["architecture", "config", "created", "os"] {
        shown.insert(name.to_owned(), config.remove(name).unwrap_or(Value::Null));
    }
    shown.insert("author".to_owned(), json!(author));
    shown
}

fn author(config: &Map<String, Value>) -> String {
    let own = config.get("author").and_then(Value::as_str);
    let labels = || {
        let labels = config.get("config")?.get("Labels")?;
        AUTHOR_LABELS.iter().find_map(|name| labels.get(name)?.as_str().filter(|author| !author.is_empty()))
    };
    own.filter(|author| !author.is_empty()).or_else(labels).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(object) => object,
            other => panic!("{other}"),
        }
    }

    fn kind(name: &str) -> Kind {
        Kind { media_type: String::new(), artifact_type: String::new(), name: name.to_owned() }
    }

    #[test]
    fn an_image_shows_what_harbor_shows() {
        let config = json!({
            "architecture": "amd64", "os": "linux", "created": "2026-01-01T00:00:00Z", "rootfs": {}, "history": [],
            "config": { "Labels": { "maintainer": "somebody" } },
        });
        let shown = extra_attrs(&kind(IMAGE), object(config.clone()));
        assert_eq!(
            Value::Object(shown),
            json!({
                "architecture": "amd64", "os": "linux", "created": "2026-01-01T00:00:00Z", "author": "somebody",
                "config": { "Labels": { "maintainer": "somebody" } },
            })
        );
        assert_eq!(extra_attrs(&kind(CHART), object(config.clone())), object(config));
    }

    #[test]
    fn anything_can_stand_where_an_author_could() {
        for (config, expected) in [
            (json!({ "author": "a" }), "a"),
            (
                json!({ "author": 7, "config": { "Labels": { "org.opencontainers.image.authors": "b" } } }),
                "b",
            ),
            (json!({ "author": "", "config": { "Labels": [1] } }), ""),
            (json!({ "config": "x" }), ""),
            (json!({}), ""),
        ] {
            assert_eq!(author(&object(config.clone())), expected, "{config}");
        }
    }
}
