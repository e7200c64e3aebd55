//! A registry on memory, and calls as a client would make them.

use std::sync::Arc;

use berth_protocol::{Digest, Reference, RepositoryName, Tag};
use berth_registry::blob::{DeleteBlobError, Download};
use berth_registry::manifest::{DeleteManifestError, PutManifest, PutManifestError, PutOutcome};
use berth_registry::ports::Link;
use berth_registry::upload::{FinishError, Signer};
use berth_registry::{
    Authorizer, Caller, Config, Delete, Delivery, OpenAccess, Permit, Pull, Push, Registry, StoreError,
};
use berth_testkit::build::{Blob, Built, repository, tag};
use berth_testkit::wrap::{Hook, wrap};
use berth_testkit::{Memory, collect, stream_of};
use bytes::Bytes;

/// A registry, and the memory it works on.
pub struct TestRegistry {
    pub memory: Memory,
    pub registry: Registry,
}

/// The repository of tests that need but one.
pub fn app() -> RepositoryName {
    repository("team/app")
}

pub fn signer() -> Signer {
    Signer::new("first key", None)
}

impl TestRegistry {
    pub fn new() -> Self {
        Self::on(Memory::new(), signer())
    }

    pub fn on(memory: Memory, signer: Signer) -> Self {
        let registry = Registry::new(memory.ports(), Config::new(signer, Delivery::Stream));
        Self { memory, registry }
    }

    /// Another process on the same data, with `hook` in front of its ports.
    pub fn hooked(&self, hook: Arc<impl Hook + 'static>) -> Self {
        let ports = wrap(self.memory.ports(), hook);
        let registry = Registry::new(ports, Config::new(signer(), Delivery::Stream));
        Self { memory: self.memory.clone(), registry }
    }

    /// Uploads a blob with one request.
    pub async fn upload(&self, repository: &RepositoryName, blob: &Blob) -> Result<Link, FinishError> {
        let body = stream_of(blob.content.clone(), 1000);
        self.registry.upload_at_once(&may_push(repository).await, &blob.digest, body).await
    }

    /// Uploads all blobs of a manifest.
    pub async fn upload_blobs(
        &self,
        repository: &RepositoryName,
        manifest: &Built,
    ) -> Result<(), FinishError> {
        for blob in &manifest.blobs {
            self.upload(repository, blob).await?;
        }
        Ok(())
    }

    /// Pushes a manifest by its digest, with these tags.
    pub async fn put(
        &self,
        repository: &RepositoryName,
        manifest: &Built,
        tags: &[&str],
    ) -> Result<PutOutcome, PutManifestError> {
        let tags: Vec<Tag> = tags.iter().map(|name| tag(name)).collect();
        let request = PutManifest {
            reference: &manifest.digest.clone().into(),
            tags: &tags,
            media_type: Some(&manifest.media_type),
            body: manifest.body.clone(),
        };
        self.registry.put_manifest(&may_push(repository).await, request).await
    }

    /// Blobs first, then the manifest: a whole push.
    pub async fn push(
        &self,
        repository: &RepositoryName,
        manifest: &Built,
        tags: &[&str],
    ) -> anyhow::Result<()> {
        self.upload_blobs(repository, manifest).await?;
        self.put(repository, manifest, tags).await?;
        Ok(())
    }

    pub async fn delete(
        &self,
        repository: &RepositoryName,
        reference: impl Into<Reference>,
    ) -> Result<(), DeleteManifestError> {
        self.registry.delete_manifest(&may_delete(repository).await, &reference.into()).await
    }

    pub async fn delete_blob(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<(), DeleteBlobError> {
        self.registry.delete_blob(&may_delete(repository).await, digest).await
    }

    pub async fn mount(
        &self,
        to: &RepositoryName,
        from: &RepositoryName,
        digest: &Digest,
    ) -> Result<bool, StoreError> {
        self.registry.mount_blob(&may_push(to).await, &may_pull(from).await, digest).await
    }

    pub async fn head_blob(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<Option<Link>, StoreError> {
        self.registry.head_blob(&may_pull(repository).await, digest).await
    }

    /// The whole blob, asked for as a client does: `None` if the repository does not serve it.
    pub async fn blob(&self, repository: &RepositoryName, digest: &Digest) -> anyhow::Result<Option<Bytes>> {
        let permit = may_pull(repository).await;
        if self.registry.head_blob(&permit, digest).await?.is_none() {
            return Ok(None);
        }
        match self.registry.download_blob(&permit, digest, None, None).await? {
            Some(Download::Stream(stream)) => Ok(Some(collect(stream).await?)),
            Some(Download::Redirect(_)) => anyhow::bail!("this registry streams"),
            None => anyhow::bail!("the link is there and the content is not"),
        }
    }

    /// The body of a manifest.
    pub async fn manifest(
        &self,
        repository: &RepositoryName,
        reference: impl Into<Reference>,
    ) -> anyhow::Result<Option<Bytes>> {
        let permit = may_pull(repository).await;
        match self.registry.head_manifest(&permit, &reference.into()).await? {
            Some(record) => Ok(Some(self.registry.manifest_body(&permit, &record).await?)),
            None => Ok(None),
        }
    }

    /// Where a tag points.
    pub async fn target(&self, repository: &RepositoryName, name: &str) -> anyhow::Result<Option<Digest>> {
        let permit = may_pull(repository).await;
        let record = self.registry.head_manifest(&permit, &tag(name).into()).await?;
        Ok(record.map(|record| record.digest))
    }
}

pub async fn may_pull(repository: &RepositoryName) -> Permit<Pull> {
    OpenAccess.pull(&Caller::Anonymous, repository).await.expect("access is open")
}

pub async fn may_push(repository: &RepositoryName) -> Permit<Push> {
    OpenAccess.push(&Caller::Anonymous, repository).await.expect("access is open")
}

pub async fn may_delete(repository: &RepositoryName) -> Permit<Delete> {
    OpenAccess.delete(&Caller::Anonymous, repository).await.expect("access is open")
}
