//! All that a repository holds, as far as listings know it.

use std::collections::{BTreeMap, HashSet};

use berth_protocol::{Digest, Tag};
use berth_registry::ports::{Artifact, TaggedManifest};
use berth_registry::{Permit, Pull, Registry, StoreError};

use super::kind::{COSIGN, accessory};

/// How many are read at a time.
const READ_AT_ONCE: usize = 1000;

/// Manifests and tags, up to a bound.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    artifacts: BTreeMap<Digest, Artifact>,
    tags: BTreeMap<Digest, Vec<TaggedManifest>>,
    /// What others are made of.
    parts: HashSet<Digest>,
}

impl Contents {
    /// The first `limit` manifests of a repository, and as many tags. Reads in pages, in order of keys.
    pub(crate) async fn read(
        registry: &Registry,
        permit: &Permit<Pull>,
        limit: usize,
    ) -> Result<Self, StoreError> {
        let (artifacts, tags) =
            futures::try_join!(artifacts(registry, permit, limit), tags(registry, permit, limit))?;
        let mut contents = Self::default();
        for artifact in artifacts {
            contents.parts.extend(artifact.shape.iter().flat_map(|shape| shape.children.clone()));
            contents.artifacts.insert(artifact.digest.clone(), artifact);
        }
        for tagged in tags {
            contents.tags.entry(tagged.digest.clone()).or_default().push(tagged);
        }
        Ok(contents)
    }

    /// What stands for itself: all but parts of others that have no tags, and accessories of what is there.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &Artifact> {
        self.all().filter(|artifact| {
            let is_part = self.parts.contains(&artifact.digest) && self.tags_of(&artifact.digest).is_empty();
            !is_part && self.subject_of(artifact).is_none()
        })
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Artifact> {
        self.artifacts.values()
    }

    /// How many stand for themselves.
    pub(crate) fn count(&self) -> usize {
        self.roots().count()
    }

    /// When something was pushed last; 0 if nothing was.
    pub(crate) fn pushed_at_secs(&self) -> u64 {
        let artifacts = self.all().map(|artifact| artifact.pushed_at_secs);
        let tags = self.tags.values().flatten().filter_map(|tagged| tagged.pushed_at_secs);
        artifacts.chain(tags).max().unwrap_or_default()
    }

    pub(super) fn tags_of(&self, digest: &Digest) -> &[TaggedManifest] {
        self.tags.get(digest).map(Vec::as_slice).unwrap_or_default()
    }

    /// What refers to the artifact, and what Harbor calls it.
    pub(super) fn accessories_of(&self, digest: &Digest) -> Vec<(&Artifact, &'static str)> {
        let referring = |artifact| {
            let (subject, name) = self.subject_of(artifact)?;
            (subject == *digest).then_some((artifact, name))
        };
        self.all().filter_map(referring).collect()
    }

    /// The size of the artifact with all that it is made of, as far as that is known.
    pub(super) fn size_bytes(&self, artifact: &Artifact) -> u64 {
        let children = artifact.shape.iter().flat_map(|shape| &shape.children);
        let of_children = children.filter_map(|child| self.artifacts.get(child)).map(own_size_bytes);
        own_size_bytes(artifact).saturating_add(of_children.fold(0, u64::saturating_add))
    }

    /// What the artifact refers to that is there, and what that makes of it.
    fn subject_of(&self, artifact: &Artifact) -> Option<(Digest, &'static str)> {
        let is_there = |digest: &Digest| *digest != artifact.digest && self.artifacts.contains_key(digest);
        if let Some(subject) = artifact.subject.as_ref().filter(|subject| is_there(subject)) {
            return Some((subject.clone(), accessory(artifact)));
        }
        let signed = self.tags_of(&artifact.digest).iter().filter_map(|tagged| signed_by(&tagged.tag));
        signed.filter(is_there).map(|subject| (subject, COSIGN)).next()
    }
}

/// The size of the manifest and of the blobs that it names itself.
pub(super) fn own_size_bytes(artifact: &Artifact) -> u64 {
    let content_bytes = artifact.shape.as_ref().map_or(0, |shape| shape.content_bytes);
    artifact.size_bytes.saturating_add(content_bytes)
}

/// What a tag says is signed, as cosign names signatures where there are no referrers: `sha256-<hex>.sig`.
fn signed_by(tag: &Tag) -> Option<Digest> {
    let (algorithm, hex) = tag.as_str().strip_suffix(".sig")?.split_once('-')?;
    Digest::parse(&format!("{algorithm}:{hex}")).ok()
}

/// The tag under which cosign keeps a signature of what has this digest.
pub(super) fn signature_tag(digest: &Digest) -> Option<Tag> {
    Tag::parse(&format!("{}-{}.sig", digest.algorithm().as_str(), digest.hex())).ok()
}

async fn artifacts(
    registry: &Registry,
    permit: &Permit<Pull>,
    limit: usize,
) -> Result<Vec<Artifact>, StoreError> {
    let mut all: Vec<Artifact> = Vec::new();
    loop {
        let after = all.last().map(|artifact| &artifact.digest);
        let page = registry.list_artifacts(permit, after, READ_AT_ONCE.min(limit - all.len())).await?;
        all.extend(page.items);
        if !page.more || all.len() >= limit {
            return Ok(all);
        }
    }
}

async fn tags(
    registry: &Registry,
    permit: &Permit<Pull>,
    limit: usize,
) -> Result<Vec<TaggedManifest>, StoreError> {
    let mut all: Vec<TaggedManifest> = Vec::new();
    loop {
        let after = all.last().map(|tagged| (&tagged.digest, &tagged.tag));
        let page = registry.list_tagged(permit, after, READ_AT_ONCE.min(limit - all.len())).await?;
        all.extend(page.items);
        if !page.more || all.len() >= limit {
            return Ok(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosign_names_signatures_by_what_they_sign() {
        let digest = Digest::sha256(b"a");
        let tag = signature_tag(&digest).unwrap();
        assert_eq!(signed_by(&tag), Some(digest));
        for other in ["latest", "sha256-abc.sig", "v1.sig", "sha256-.sig", ".sig"] {
            assert_eq!(Tag::parse(other).ok().as_ref().and_then(signed_by), None, "{other}");
        }
        // Too long for a tag.
        assert_eq!(signature_tag(&Digest::of(berth_protocol::Algorithm::Sha512, b"a")), None);
    }
}
