//! What a push or a pull must know.

use std::collections::BTreeSet;

use berth_protocol::{Reference, RepositoryName};
use berth_registry::StoreError;
use berth_registry::ports::{ManifestRecord, Survey, SurveyedManifest, Wanted};

use super::Table;
use super::item::ItemKey;
use super::items::{
    CatalogItem, DIGEST, KeptItem, LinkItem, MARK, MARKED_AT_MS, ManifestItem, Mark, PUSH_ID, SIZE_BYTES,
    TTL, TagItem,
};

impl Table {
    /// The manifest that `reference` names. One strongly consistent read.
    pub(crate) async fn manifest(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
    ) -> Result<Option<ManifestRecord>, StoreError> {
        let record = match reference {
            Reference::Tag(tag) => {
                let item = self.get_item(TagItem::key(repository, tag)).await?;
                item.map(|item| TagItem::decode(&item)).transpose()?.map(|item| item.record)
            }
            Reference::Digest(digest) => {
                let item = self.get_item(ManifestItem::key(repository, digest)).await?;
                item.map(|item| ManifestItem::decode(&item)).transpose()?.map(|item| item.record)
            }
        };
        Ok(record)
    }

    /// Reads all that the push must know: as many reads as there are hundreds of items.
    pub(crate) async fn survey(
        &self,
        repository: &RepositoryName,
        wanted: Wanted<'_>,
    ) -> Result<Survey, StoreError> {
        let attributes = [PUSH_ID, SIZE_BYTES, MARK, MARKED_AT_MS, DIGEST, TTL];
        let found = self.get_items(keys(repository, wanted), &attributes).await?;
        let now_ms = self.now_ms();
        let manifest = found.get(&ManifestItem::key(repository, wanted.manifest));
        let catalog = found.get(&CatalogItem::key(repository));
        let mut survey = Survey {
            manifest: manifest
                .map(ManifestItem::decode_push_id)
                .transpose()?
                .map(|push_id| SurveyedManifest { push_id }),
            repository_exists: catalog.map_or(Ok(false), CatalogItem::is_standing)?,
            kept_until_secs: match found.get(&KeptItem::key(repository)) {
                // Of an earlier removal: the repository was brought back since.
                Some(item) if catalog.is_none() => KeptItem::decode_until_secs(item, now_ms / 1000)?,
                _ => None,
            },
            ..Survey::default()
        };
        for digest in wanted.blobs {
            let Some(item) = found.get(&LinkItem::key(repository, digest)) else { continue };
            let LinkItem { link, mark } = LinkItem::decode(item)?;
            let is_being_deleted = mark.is_some_and(|mark: Mark| mark.counts(now_ms));
            if !is_being_deleted {
                survey.links.insert(digest.clone(), link);
            }
        }
        for digest in wanted.children {
            if found.contains_key(&ManifestItem::key(repository, digest)) {
                survey.children.insert(digest.clone());
            }
        }
        for tag in wanted.tags {
            if let Some(item) = found.get(&TagItem::key(repository, tag)) {
                survey.tags.insert(tag.clone(), TagItem::decode_digest(item)?);
            }
        }
        Ok(survey)
    }
}

fn keys(repository: &RepositoryName, wanted: Wanted<'_>) -> BTreeSet<ItemKey> {
    let manifest = ManifestItem::key(repository, wanted.manifest);
    let own = [CatalogItem::key(repository), KeptItem::key(repository), manifest];
    let links = wanted.blobs.iter().map(|digest| LinkItem::key(repository, digest));
    let children = wanted.children.iter().map(|digest| ManifestItem::key(repository, digest));
    let tags = wanted.tags.iter().map(|tag| TagItem::key(repository, tag));
    own.into_iter().chain(links).chain(children).chain(tags).collect()
}
