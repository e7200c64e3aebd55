//! Where the configuration is kept.
//!
//! ```text
//! partition       sort     document
//! configuration   system   Document
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use berth_records::{Expect, Key, RecordRead, RecordWrite, Stored, Written, get, put};
use berth_registry::{Ids, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::items::item;
use crate::{Change, Configured, Environment, Locks, Seals, Source};

/// How often a change begins again because others were at it.
const MAX_ATTEMPTS: usize = 8;

/// What is kept.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Document {
    /// What everybody may see who may read the table.
    values: BTreeMap<String, Value>,
    /// What nobody may.
    sealed: BTreeMap<String, String>,
}

/// What the configuration is made of.
pub struct Parts {
    /// Where it is kept.
    pub read: Arc<dyn RecordRead>,
    /// Where it is kept.
    pub write: Arc<dyn RecordWrite>,
    /// For sealing.
    pub ids: Arc<dyn Ids>,
    /// How secrets are kept, and what is decided.
    pub environment: Environment,
}

/// The configuration. Cheap to clone.
#[derive(Clone)]
pub struct Configuration {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    ids: Arc<dyn Ids>,
    seals: Seals,
    pub(crate) locks: Arc<Locks>,
}

/// A secret could not be sealed: the library refused its own key.
const UNSEALED: &str = "a secret cannot be sealed";

impl Configuration {
    /// The configuration that is kept in these parts.
    pub fn new(parts: Parts) -> Self {
        let Parts { read, write, ids, environment: Environment { seals, locks } } = parts;
        Self { read, write, ids, seals, locks: Arc::new(locks) }
    }

    /// What is configured now. One read; and one write at the first read after a rotation of the key, for secrets that were
    /// sealed with the old one.
    pub async fn get(&self) -> Result<Configured, StoreError> {
        let stored = self.stored().await?;
        let Some(Stored { value: document, revision }) = stored else {
            return Ok(Configured { locks: Arc::clone(&self.locks), ..Configured::default() });
        };
        let (values, has_old) = self.opened(&document);
        if has_old {
            self.seal_anew(document, &values, revision.clone()).await;
        }
        Ok(Configured { values, locks: Arc::clone(&self.locks), revision: Some(revision) })
    }

    /// Makes a change of whatever is configured by then. Whether that came about: others may keep changing it.
    pub async fn update(&self, change: &Change) -> Result<bool, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let stored = self.stored().await?;
            let expect = stored.as_ref().map_or(Expect::Absent, Stored::unchanged);
            let mut document = stored.map(|stored| stored.value).unwrap_or_default();
            self.apply(&mut document, change)?;
            if self.write.write(vec![put(key(), &document, expect)]).await? == Written::Written {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn apply(&self, document: &mut Document, change: &Change) -> Result<(), StoreError> {
        for (name, value) in &change.values {
            let is_secret = item(name).is_some_and(crate::Item::is_secret);
            match value.as_str().filter(|_| is_secret) {
                None => {
                    document.values.insert((*name).to_owned(), value.clone());
                }
                Some("") => {
                    document.sealed.remove(*name);
                }
                Some(secret) => {
                    let sealed = self.seals.seal(name, secret, &*self.ids);
                    let sealed = sealed.ok_or_else(|| StoreError::corrupt("Seal", UNSEALED))?;
                    document.sealed.insert((*name).to_owned(), sealed);
                }
            }
        }
        Ok(())
    }

    /// The values that still are what their items can have, with the secrets; and whether one was sealed with the old key.
    fn opened(&self, document: &Document) -> (BTreeMap<String, Value>, bool) {
        let good = |name: &str, value: &Value| {
            let item = item(name).filter(|item| item.source == Source::Api && !item.is_secret())?;
            item.kind.of_document(value)
        };
        let known =
            document.values.iter().filter_map(|(name, value)| Some((name.clone(), good(name, value)?)));
        let mut values: BTreeMap<String, Value> = known.collect();
        let mut has_old = false;
        for (name, sealed) in &document.sealed {
            if let Some(opened) = self.seals.open(name, sealed) {
                has_old |= opened.is_old;
                values.insert(name.clone(), Value::from(opened.secret));
            } else {
                let message = "this secret was sealed with a key that is no longer known: set it again, it counts as not set";
                tracing::error!(item = name, message);
            }
        }
        (values, has_old)
    }

    /// Seals secrets with the current key that were sealed with the one before, as long as that is known. If it does not come
    /// about, the next read tries again.
    async fn seal_anew(&self, mut document: Document, values: &BTreeMap<String, Value>, revision: String) {
        for (name, sealed) in &mut document.sealed {
            let secret = values.get(name).and_then(Value::as_str);
            if let Some(anew) = secret.and_then(|secret| self.seals.seal(name, secret, &*self.ids)) {
                *sealed = anew;
            }
        }
        let change = put(key(), &document, Expect::Revision(revision));
        if let Err(error) = self.write.write(vec![change]).await {
            tracing::warn!(%error, "secrets of the configuration are still sealed with the previous key");
        }
    }

    async fn stored(&self) -> Result<Option<Stored<Document>>, StoreError> {
        get(&*self.read, key()).await
    }
}

impl fmt::Debug for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Configuration")
    }
}

fn key() -> Key {
    Key::new("configuration", "system")
}
