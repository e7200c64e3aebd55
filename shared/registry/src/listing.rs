//! Listings: tags (end-8), repositories, referrers (end-12).

use berth_protocol::{Descriptor, Digest, Page, RepositoryName, Tag};

use crate::access::CatalogPermit;
use crate::ports::ListPage;
use crate::{Permit, Pull, Registry, StoreError};

impl Registry {
    /// A page of the repository's tags. `Ok(None)` if the repository does not exist.
    pub async fn list_tags(
        &self,
        permit: &Permit<Pull>,
        page: &Page,
    ) -> Result<Option<ListPage<Tag>>, StoreError> {
        self.ports.tags.list(permit.repository(), page.last.as_deref(), page.size() as usize).await
    }

    /// A page of all repositories.
    pub async fn list_repositories(
        &self,
        _permit: &CatalogPermit,
        page: &Page,
    ) -> Result<ListPage<RepositoryName>, StoreError> {
        self.ports.repositories.list(page.last.as_deref(), page.size() as usize).await
    }

    /// A page of the manifests whose subject is `subject`, of one `artifact_type` if that is given.
    ///
    /// The filter is applied to whole pages, so a page may hold few entries, or none, while more follow.
    pub async fn list_referrers(
        &self,
        permit: &Permit<Pull>,
        subject: &Digest,
        artifact_type: Option<&str>,
        page: &Page,
    ) -> Result<Referrers, StoreError> {
        let (repository, after) = (permit.repository(), page.last.as_deref());
        let found = self.ports.referrers.list(repository, subject, after, page.size() as usize).await?;
        let next = found.items.last().filter(|_| found.more).map(|last| last.digest.to_string());
        let wanted = |descriptor: &Descriptor| {
            artifact_type.is_none() || descriptor.artifact_type.as_deref() == artifact_type
        };
        Ok(Referrers { items: found.items.into_iter().filter(wanted).collect(), next })
    }
}

/// A page of referrers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referrers {
    /// The manifests, in order of their digests.
    pub items: Vec<Descriptor>,
    /// What the next page starts after, if there is one.
    pub next: Option<String>,
}
