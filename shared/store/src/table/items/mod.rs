//! The item types, one a file. Persisted names and layouts never change their meaning.

mod catalog;
mod edge;
mod kept;
mod link;
mod manifest;
mod number;
mod parts;
mod push;
mod record;
mod referrer;
mod tag;
mod tagged;
mod upload;

use berth_protocol::RepositoryName;

use super::expression::Condition;
use super::item::number;

pub(super) use catalog::CatalogItem;
pub(super) use edge::EdgeItem;
pub(super) use kept::KeptItem;
pub(super) use link::{LinkItem, Mark};
pub(super) use manifest::{LISTED, ManifestItem};
pub(super) use number::NumberItem;
pub(super) use push::PushItem;
pub(super) use record::RecordItem;
pub(crate) use referrer::ReferrerItem;
pub(super) use referrer::{DESCRIPTOR, IS_SHORT};
pub(super) use tag::TagItem;
pub(super) use tagged::TaggedItem;
pub(super) use upload::UploadItem;

pub(super) const BODY: &str = "body";
pub(super) const CREATED_AT_MS: &str = "created_at_ms";
pub(super) const DIGEST: &str = "digest";
pub(super) const DOCUMENT: &str = "document";
pub(super) const MARK: &str = "mark";
pub(super) const MARKED_AT_MS: &str = "marked_at_ms";
pub(super) const MEDIA_TYPE: &str = "media_type";
pub(super) const MOVED_AT_MS: &str = "moved_at_ms";
pub(super) const NEEDS: &str = "needs";
pub(super) const NUMBER: &str = "number";
pub(super) const PREVIOUS: &str = "previous";
pub(super) const PUSHED_AT_MS: &str = "pushed_at_ms";
pub(super) const PUSH_ID: &str = "push_id";
pub(super) const REVISION: &str = "revision";
pub(super) const SHAPE: &str = "shape";
pub(super) const SIZE_BYTES: &str = "size_bytes";
pub(super) const SUBJECT: &str = "subject";
pub(super) const TTL: &str = "ttl";
pub(super) const VERSION: &str = "version";
pub(super) const WRITTEN_AT_MS: &str = "written_at_ms";

/// The partition of all that belongs to a repository.
pub(super) fn partition(repository: &RepositoryName) -> String {
    format!("repo#{repository}")
}

/// There is no item, or one that has not expired.
pub(super) fn unexpired(now_secs: u64) -> Condition {
    Condition::lacks(TTL).or(Condition::greater(TTL, number(now_secs)))
}

/// There is an item, and it has expired: it counts as absent, whether or not DynamoDB has removed it.
pub(super) fn expired(now_secs: u64) -> Condition {
    Condition::at_most(TTL, number(now_secs))
}
