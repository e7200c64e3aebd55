//! A manifest that has a subject, as the subject's referrers list it. One for each such manifest; replaced by each push.
//!
//! ```text
//! repo#<repository>  referrer#<subject>#<digest>    descriptor    JSON
//!                                                   is_short?     1: artifact type and annotations are left out, being
//!                                                                 long; they stand in the manifest
//! ```

use berth_protocol::{Descriptor, Digest, RepositoryName};
use berth_registry::StoreError;

use super::super::item::{Item, ItemKey, Malformed, number, text};
use super::super::query::Span;
use super::partition;

/// A longer descriptor is shortened. Items hold 400 KB, and short ones make large pages.
const MAX_DESCRIPTOR_BYTES: usize = 64 << 10;
pub(crate) const DESCRIPTOR: &str = "descriptor";
pub(crate) const IS_SHORT: &str = "is_short";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReferrerItem {
    pub(crate) descriptor: Descriptor,
    pub(crate) is_short: bool,
}

impl ReferrerItem {
    pub(crate) fn key(repository: &RepositoryName, subject: &Digest, digest: &Digest) -> ItemKey {
        ItemKey::new(partition(repository), format!("{}{digest}", prefix(subject)))
    }

    pub(crate) fn span(repository: &RepositoryName, subject: &Digest, after: Option<&str>) -> Span {
        Span::after(partition(repository), &prefix(subject), after)
    }

    /// The item of this descriptor, shortened if need be.
    pub(crate) fn new(descriptor: Descriptor) -> Result<Self, StoreError> {
        let is_short = encode_json(&descriptor)?.len() > MAX_DESCRIPTOR_BYTES;
        let descriptor = if is_short { shorten(descriptor) } else { descriptor };
        Ok(Self { descriptor, is_short })
    }

    pub(crate) fn encode(&self, repository: &RepositoryName, subject: &Digest) -> Result<Item, StoreError> {
        Ok(Item::new(Self::key(repository, subject, &self.descriptor.digest))
            .with(DESCRIPTOR, text(&encode_json(&self.descriptor)?))
            .with_optional(IS_SHORT, self.is_short.then(|| number(1))))
    }

    pub(crate) fn decode(item: &Item) -> Result<Self, Malformed> {
        let descriptor = serde_json::from_str(item.text(DESCRIPTOR)?);
        Ok(Self {
            descriptor: descriptor.map_err(|_| Malformed { attribute: DESCRIPTOR })?,
            is_short: item.optional_number(IS_SHORT)?.is_some(),
        })
    }
}

fn shorten(descriptor: Descriptor) -> Descriptor {
    Descriptor {
        media_type: descriptor.media_type,
        digest: descriptor.digest,
        size: descriptor.size,
        artifact_type: None,
        annotations: std::collections::BTreeMap::new(),
        urls: Vec::new(),
        platform: None,
    }
}

fn encode_json(descriptor: &Descriptor) -> Result<String, StoreError> {
    serde_json::to_string(descriptor).map_err(|error| StoreError::corrupt("WriteItem", error))
}

fn prefix(subject: &Digest) -> String {
    format!("referrer#{subject}#")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    fn descriptor(digest: Digest, annotations: BTreeMap<String, String>) -> Descriptor {
        Descriptor {
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            digest,
            size: 7,
            artifact_type: Some("a/b".to_owned()),
            annotations,
            urls: Vec::new(),
            platform: None,
        }
    }

    #[test]
    fn a_long_descriptor_is_shortened() {
        for (annotation_bytes, is_short) in [(1, false), (MAX_DESCRIPTOR_BYTES, true), (4 << 20, true)] {
            let annotations = BTreeMap::from([("a".to_owned(), "x".repeat(annotation_bytes))]);
            let referrer = ReferrerItem::new(descriptor(Digest::sha256(b""), annotations)).unwrap();
            assert_eq!(referrer.is_short, is_short, "{annotation_bytes}");
            assert_eq!(referrer.descriptor.annotations.is_empty(), is_short, "{annotation_bytes}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(
            repository in samples::repository(),
            (subject, digest) in (samples::digest(), samples::digest()),
            annotations: BTreeMap<String, String>,
            is_short: bool,
        ) {
            let referrer = ReferrerItem { descriptor: descriptor(digest, annotations), is_short };
            prop_assert_eq!(ReferrerItem::decode(&referrer.encode(&repository, &subject).unwrap()), Ok(referrer));
        }
    }
}
