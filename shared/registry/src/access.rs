//! Permits: the proof, demanded by every use case, that somebody allowed it.
//!
//! Only an [`Authorizer`] hands out permits, and a permit carries the repository that it is for. A use case reads the
//! repository from its permit, so the repository that was checked and the one that is touched cannot differ.

use std::marker::PhantomData;

use async_trait::async_trait;
use berth_protocol::RepositoryName;

use crate::{Caller, StoreError};

/// Reading manifests, blobs, tags and referrers of one repository.
#[derive(Debug, Clone, Copy)]
pub struct Pull;
/// Uploading blobs and manifests to one repository.
#[derive(Debug, Clone, Copy)]
pub struct Push;
/// Deleting tags, manifests and blobs of one repository.
#[derive(Debug, Clone, Copy)]
pub struct Delete;
/// Listing the names of repositories.
#[derive(Debug, Clone, Copy)]
pub struct Catalog;

/// Leave to do `A` in one repository, for the length of one request.
#[derive(Debug, Clone)]
pub struct Permit<A> {
    repository: RepositoryName,
    action: PhantomData<A>,
}

impl<A> Permit<A> {
    /// The repository that this permit is for.
    pub fn repository(&self) -> &RepositoryName {
        &self.repository
    }

    fn new(repository: &RepositoryName) -> Self {
        Self { repository: repository.clone(), action: PhantomData }
    }
}

/// Leave to list repositories.
#[derive(Debug, Clone)]
pub struct CatalogPermit(());

/// Why there is no permit.
#[derive(Debug, thiserror::Error)]
pub enum Forbidden {
    /// Credentials are needed, and none were sent.
    #[error("credentials are needed")]
    Unauthenticated,
    /// The caller is known and lacks the right.
    #[error("the caller lacks the right")]
    Denied,
    /// The rights could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Decides who may do what. The one place that makes permits.
#[async_trait]
pub trait Authorizer: Send + Sync {
    /// Leave to read from `repository`.
    async fn pull(&self, caller: &Caller, repository: &RepositoryName) -> Result<Permit<Pull>, Forbidden>;
    /// Leave to write to `repository`.
    async fn push(&self, caller: &Caller, repository: &RepositoryName) -> Result<Permit<Push>, Forbidden>;
    /// Leave to delete from `repository`.
    async fn delete(&self, caller: &Caller, repository: &RepositoryName)
    -> Result<Permit<Delete>, Forbidden>;
    /// Leave to list all repositories.
    async fn catalog(&self, caller: &Caller) -> Result<CatalogPermit, Forbidden>;
}

/// Allows everything to everybody: for a registry that only its own machine can reach.
#[derive(Debug, Clone, Copy)]
pub struct OpenAccess;

#[async_trait]
impl Authorizer for OpenAccess {
    async fn pull(&self, _: &Caller, repository: &RepositoryName) -> Result<Permit<Pull>, Forbidden> {
        Ok(Permit::new(repository))
    }

    async fn push(&self, _: &Caller, repository: &RepositoryName) -> Result<Permit<Push>, Forbidden> {
        Ok(Permit::new(repository))
    }

    async fn delete(&self, _: &Caller, repository: &RepositoryName) -> Result<Permit<Delete>, Forbidden> {
        Ok(Permit::new(repository))
    }

    async fn catalog(&self, _: &Caller) -> Result<CatalogPermit, Forbidden> {
        Ok(CatalogPermit(()))
    }
}
