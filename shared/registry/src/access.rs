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
    agreed: Agreed,
    action: PhantomData<A>,
}

impl<A> Permit<A> {
    /// The repository that this permit is for.
    pub fn repository(&self) -> &RepositoryName {
        &self.repository
    }

    /// The number of the project that the repository belongs to; `None` where there are no projects.
    pub fn project(&self) -> Option<u64> {
        self.agreed.project
    }

    fn new(repository: &RepositoryName, agreed: Agreed) -> Self {
        Self { repository: repository.clone(), agreed, action: PhantomData }
    }
}

impl Permit<Push> {
    /// Whether the push may bring back a repository that was deleted.
    pub fn may_revive(&self) -> bool {
        self.agreed.may_revive
    }
}

/// What an authorizer has agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// The number of the project that the repository belongs to; `None` where there are no projects.
    pub project: Option<u64>,
    /// Whether the name of a deleted repository is free for this caller: he could have deleted it himself.
    pub may_revive: bool,
}

/// Leave to list repositories.
#[derive(Debug, Clone)]
pub struct CatalogPermit(());

/// What somebody can want of a repository, in the words of Docker's token service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RepositoryAction {
    /// See [`Pull`].
    Pull,
    /// See [`Push`].
    Push,
    /// See [`Delete`].
    Delete,
}

impl RepositoryAction {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pull, Self::Push, Self::Delete];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
            Self::Delete => "delete",
        }
    }
}

impl std::fmt::Display for RepositoryAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why there is no permit.
#[derive(Debug, thiserror::Error)]
pub enum Forbidden {
    /// Credentials are needed, and none were sent, or none that are good.
    #[error("credentials are needed")]
    Unauthenticated,
    /// The token is good, and was not asked to say anything about this: another one may.
    #[error("the token does not reach so far")]
    InsufficientScope,
    /// The caller is known and lacks the right. Carries what he is told.
    #[error("the caller lacks the right: {0}")]
    Denied(String),
    /// There were too many wrong passwords.
    #[error("too many wrong passwords")]
    TooManyFailures {
        /// When it makes sense to try again.
        retry_after_secs: u64,
    },
    /// The rights could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Decides who may do what. Permits are made here and nowhere else, after [`check`](Self::check) has agreed.
#[async_trait]
pub trait Authorizer: Send + Sync {
    /// Whether `caller` may do this.
    async fn check(
        &self,
        caller: &Caller,
        repository: &RepositoryName,
        action: RepositoryAction,
    ) -> Result<Agreed, Forbidden>;

    /// Whether `caller` may list all repositories.
    async fn check_catalog(&self, caller: &Caller) -> Result<(), Forbidden>;

    /// Leave to read from `repository`.
    async fn pull(&self, caller: &Caller, repository: &RepositoryName) -> Result<Permit<Pull>, Forbidden> {
        let agreed = self.check(caller, repository, RepositoryAction::Pull).await?;
        Ok(Permit::new(repository, agreed))
    }

    /// Leave to write to `repository`.
    async fn push(&self, caller: &Caller, repository: &RepositoryName) -> Result<Permit<Push>, Forbidden> {
        let agreed = self.check(caller, repository, RepositoryAction::Push).await?;
        Ok(Permit::new(repository, agreed))
    }

    /// Leave to delete from `repository`.
    async fn delete(
        &self,
        caller: &Caller,
        repository: &RepositoryName,
    ) -> Result<Permit<Delete>, Forbidden> {
        let agreed = self.check(caller, repository, RepositoryAction::Delete).await?;
        Ok(Permit::new(repository, agreed))
    }

    /// Leave to list all repositories.
    async fn catalog(&self, caller: &Caller) -> Result<CatalogPermit, Forbidden> {
        self.check_catalog(caller).await?;
        Ok(CatalogPermit(()))
    }
}

/// Allows everything to everybody: for a registry that only its own machine can reach.
#[derive(Debug, Clone, Copy)]
pub struct OpenAccess;

#[async_trait]
impl Authorizer for OpenAccess {
    async fn check(&self, _: &Caller, _: &RepositoryName, _: RepositoryAction) -> Result<Agreed, Forbidden> {
        Ok(Agreed { project: None, may_revive: true })
    }

    async fn check_catalog(&self, _: &Caller) -> Result<(), Forbidden> {
        Ok(())
    }
}
