use std::collections::BTreeMap;

use berth_protocol::{Descriptor, Digest, RepositoryName, Tag};
use berth_records::Key;
use berth_registry::ports::{Link, ManifestRecord, UploadState};
use bytes::Bytes;

/// Everything that is stored.
#[derive(Default)]
pub(super) struct Data {
    pub(super) blobs: BTreeMap<Digest, Bytes>,
    pub(super) staged: BTreeMap<(RepositoryName, Digest), Bytes>,
    /// The repositories that exist: those that a commit was made in, with the time of the first, in seconds.
    pub(super) catalog: BTreeMap<RepositoryName, u64>,
    /// Until when the names of removed repositories are kept, in seconds.
    pub(super) kept_until_secs: BTreeMap<RepositoryName, u64>,
    pub(super) repositories: BTreeMap<RepositoryName, Repository>,
    pub(super) upload_states: BTreeMap<String, UploadState>,
    /// By the name that `begin` gave.
    pub(super) multiparts: BTreeMap<String, Multipart>,
    /// By upload id.
    pub(super) joined: BTreeMap<String, Bytes>,
    /// By upload id and tail id.
    pub(super) tails: BTreeMap<(String, String), Bytes>,
    pub(super) multiparts_begun: u64,
    pub(super) records: BTreeMap<Key, StoredRecord>,
    /// A number and a record of the same key have nothing to do with each other.
    pub(super) numbers: BTreeMap<Key, StoredNumber>,
}

/// What one repository holds, visible or not.
#[derive(Default)]
pub(super) struct Repository {
    pub(super) links: BTreeMap<Digest, Link>,
    pub(super) tags: BTreeMap<Tag, Digest>,
    /// When each was last pushed, in seconds.
    pub(super) tagged_at_secs: BTreeMap<Tag, u64>,
    pub(super) manifests: BTreeMap<Digest, StoredManifest>,
    /// Never removed: a push that is under way may rest on one.
    pub(super) bodies: BTreeMap<Digest, Bytes>,
    pub(super) edges: BTreeMap<Edge, u64>,
    /// By subject, then by the digest of the manifest that refers to it.
    pub(super) referrers: BTreeMap<Digest, BTreeMap<Digest, Descriptor>>,
}

pub(super) struct StoredManifest {
    pub(super) record: ManifestRecord,
    pub(super) push_id: String,
    pub(super) subject: Option<Digest>,
    pub(super) pushed_at_secs: u64,
}

/// `parent`, as pushed by `push_id`, needs `needed`. Maps to the time it was written, in seconds.
///
/// The push is part of the key: two pushes of one manifest each have their own edges, so that deleting what one of them
/// committed takes nothing from the other.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub(super) needed: Digest,
    pub(super) parent: Digest,
    pub(super) push_id: String,
}

pub(super) struct Multipart {
    pub(super) upload: String,
    /// With what the part is called.
    pub(super) parts: BTreeMap<u32, (String, Bytes)>,
}

/// From its expiry on, it is as if it were not there.
pub(super) struct StoredRecord {
    pub(super) revision: String,
    pub(super) document: String,
    pub(super) expires_at_secs: Option<u64>,
}

/// From its expiry on, it is 0.
pub(super) struct StoredNumber {
    pub(super) sum: u64,
    pub(super) expires_at_secs: Option<u64>,
}

impl Data {
    /// The repository to write to.
    pub(super) fn repository(&mut self, name: &RepositoryName) -> &mut Repository {
        self.repositories.entry(name.clone()).or_default()
    }
}
