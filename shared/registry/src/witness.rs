//! What happened, and the port that is told of it.

use std::net::IpAddr;

use berth_protocol::{Digest, Reference, RepositoryName, Tag};

use crate::RepositoryAction;

/// The longest name of a client that is passed on, in characters.
pub const MAX_USER_AGENT_CHARS: usize = 160;

/// A request that counts, once it is known how it ends. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// What was done, or tried.
    pub deed: Deed,
    /// By whom: the name that he signed in with, or tried to. `None` for nobody in particular.
    pub username: Option<String>,
    /// From where, if that is known.
    pub address: Option<IpAddr>,
    /// With what program, at most [`MAX_USER_AGENT_CHARS`].
    pub user_agent: Option<String>,
    /// Names the request, and no other.
    pub request_id: String,
    /// The status of the answer.
    pub status: u16,
}

/// What somebody did, or tried to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// He signed in.
    SignIn,
    /// He read, wrote or deleted something in a repository.
    In {
        /// The repository.
        repository: RepositoryName,
        /// The number of its project, where it is known.
        project: Option<u64>,
        /// What he did there.
        action: RepositoryAction,
        /// To what.
        target: Target,
    },
}

/// What in a repository a deed is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A manifest, or one tag of it.
    Manifest {
        /// As it was asked for.
        reference: Reference,
        /// The tags that a push sets besides.
        tags: Vec<Tag>,
        /// What it is, where that is known.
        digest: Option<Digest>,
    },
    /// A blob.
    Blob(Digest),
    /// Nothing in particular: an upload that was not begun, a list that was not shown.
    Any,
}

impl Happening {
    /// Whether it came about.
    pub const fn succeeded(&self) -> bool {
        self.status < 400
    }
}

/// Is told what happened, once for each request that counts, before the answer leaves.
pub trait Witness: Send + Sync {
    /// Takes note. Pulls wait for it: it must not wait for a network or for other requests, and it must not fail. What goes wrong
    /// is its own to log.
    fn note(&self, happening: Happening);
}
