//! Manifests: records in the table, bodies in S3.

use async_trait::async_trait;
use berth_protocol::{Descriptor, Digest, Manifest, MediaType, Reference, RepositoryName};
use berth_registry::StoreError;
use berth_registry::ports::{
    Commit, Commitment, ListPage, ManifestRead, ManifestRecord, ManifestWrite, ReferrerList, Survey, Wanted,
};
use bytes::Bytes;

use crate::table::ReferrerItem;
use crate::{S3, Table};

/// A page of referrers ends when it would be longer, so that it fits into the answer of a function.
const MAX_REFERRERS_BYTES: usize = 3 << 20;

/// The registry's manifests: `ManifestRead`, `ManifestWrite` and `ReferrerList`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Manifests {
    table: Table,
    s3: S3,
}

impl Manifests {
    /// Manifests with their records in `table` and their bodies in `s3`.
    pub fn new(table: Table, s3: S3) -> Self {
        Self { table, s3 }
    }

    /// The whole descriptor, and its length in JSON; `None` if its manifest was deleted meanwhile.
    async fn listed(
        &self,
        repository: &RepositoryName,
        referrer: ReferrerItem,
    ) -> Result<Option<(Descriptor, usize)>, StoreError> {
        let mut descriptor = referrer.descriptor;
        if referrer.is_short {
            let Some(body) = self.s3.manifest_body(repository, &descriptor.digest).await? else {
                return Ok(None);
            };
            lengthen(&mut descriptor, &body)?;
        }
        let json =
            serde_json::to_vec(&descriptor).map_err(|error| StoreError::corrupt("ListReferrers", error))?;
        Ok(Some((descriptor, json.len())))
    }
}

#[async_trait]
impl ManifestRead for Manifests {
    async fn get(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
    ) -> Result<Option<ManifestRecord>, StoreError> {
        self.table.manifest(repository, reference).await
    }

    async fn body(&self, repository: &RepositoryName, digest: &Digest) -> Result<Option<Bytes>, StoreError> {
        self.s3.manifest_body(repository, digest).await
    }
}

#[async_trait]
impl ManifestWrite for Manifests {
    async fn survey(&self, repository: &RepositoryName, wanted: Wanted<'_>) -> Result<Survey, StoreError> {
        self.table.survey(repository, wanted).await
    }

    async fn put_body(
        &self,
        repository: &RepositoryName,
        record: &ManifestRecord,
        body: Bytes,
    ) -> Result<(), StoreError> {
        self.s3.put_manifest_body(repository, &record.digest, &record.media_type, body).await
    }

    async fn put_edges(
        &self,
        repository: &RepositoryName,
        parent: &Digest,
        needs: &[Digest],
        push_id: &str,
    ) -> Result<(), StoreError> {
        self.table.put_edges(repository, parent, needs, push_id).await
    }

    async fn commit(
        &self,
        repository: &RepositoryName,
        commit: Commit<'_>,
    ) -> Result<Commitment, StoreError> {
        self.table.commit(repository, commit).await
    }
}

#[async_trait]
impl ReferrerList for Manifests {
    async fn list(
        &self,
        repository: &RepositoryName,
        subject: &Digest,
        after: Option<&str>,
        limit: usize,
    ) -> Result<ListPage<Descriptor>, StoreError> {
        let mut items = Vec::new();
        let mut total_bytes = 0;
        let mut after = after.map(str::to_owned);
        loop {
            // One more than is left, to know whether more follow.
            let wanted = limit.saturating_sub(items.len()).saturating_add(1);
            let page = self.table.referrers(repository, subject, after.as_deref(), wanted).await?;
            for referrer in page.items {
                if items.len() == limit {
                    return Ok(ListPage { items, more: true });
                }
                after = Some(referrer.descriptor.digest.to_string());
                let Some((descriptor, bytes)) = self.listed(repository, referrer).await? else { continue };
                total_bytes += bytes;
                if total_bytes > MAX_REFERRERS_BYTES && !items.is_empty() {
                    return Ok(ListPage { items, more: true });
                }
                items.push(descriptor);
            }
            if !page.more {
                return Ok(ListPage { items, more: false });
            }
        }
    }
}

/// Puts back what a short descriptor leaves out.
fn lengthen(descriptor: &mut Descriptor, body: &[u8]) -> Result<(), StoreError> {
    const OPERATION: &str = "ListReferrers";
    let media_type = MediaType::parse(&descriptor.media_type);
    let media_type = media_type.map_err(|error| StoreError::corrupt(OPERATION, error))?;
    let manifest =
        Manifest::read(body, Some(&media_type)).map_err(|error| StoreError::corrupt(OPERATION, error))?;
    descriptor.artifact_type = manifest.artifact_type().map(str::to_owned);
    descriptor.annotations = manifest.annotations().clone();
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_short_descriptor_gets_back_what_the_manifest_says() {
        let body =
            br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],
            "artifactType":"a/b","annotations":{"k":"v"}}"#;
        let mut descriptor = Descriptor {
            media_type: MediaType::OCI_INDEX.to_string(),
            digest: Digest::sha256(body),
            size: body.len() as u64,
            artifact_type: None,
            annotations: BTreeMap::new(),
            urls: Vec::new(),
            platform: None,
        };
        lengthen(&mut descriptor, body).unwrap();
        assert_eq!(descriptor.artifact_type.as_deref(), Some("a/b"));
        assert_eq!(descriptor.annotations, BTreeMap::from([("k".to_owned(), "v".to_owned())]));
        assert!(lengthen(&mut descriptor, b"{}").is_err());
    }
}
