//! The state of an upload in pieces. One for each upload; replaced by each request that adds to it; expires.
//!
//! ```text
//! upload#<id>  state    repository, version, offset_bytes, hasher
//!                       multipart?, parts?           S3's name for the upload; its parts, see `parts.rs`
//!                       tail_id?, tail_size_bytes?
//!                       closed?                      the digest, or "cancelled"
//!                       ttl                          in seconds
//! ```

use berth_registry::StoreError;
use berth_registry::ports::{Closed, Tail, UploadState};

use super::super::item::{Item, ItemKey, Malformed, PK, bytes, number, text};
use super::{TTL, VERSION, parts};

const PREFIX: &str = "upload#";
const SORT_KEY: &str = "state";
const REPOSITORY: &str = "repository";
const OFFSET_BYTES: &str = "offset_bytes";
const HASHER: &str = "hasher";
const MULTIPART: &str = "multipart";
const PARTS: &str = "parts";
const TAIL_ID: &str = "tail_id";
const TAIL_SIZE_BYTES: &str = "tail_size_bytes";
const CLOSED: &str = "closed";
const CANCELLED: &str = "cancelled";

/// Keys and layout of the item; its content is the port's [`UploadState`].
pub(crate) struct UploadItem;

impl UploadItem {
    pub(crate) fn key(id: &str) -> ItemKey {
        ItemKey::new(format!("{PREFIX}{id}"), SORT_KEY)
    }

    /// Fails if the parts have gaps.
    pub(crate) fn encode(state: &UploadState) -> Result<Item, StoreError> {
        let parts = parts::encode(&state.parts)
            .ok_or_else(|| StoreError::corrupt("WriteItem", "the parts of the upload have gaps"))?;
        let tail = state.tail.as_ref();
        let closed = state.closed.as_ref().map(|closed| match closed {
            Closed::Finished(digest) => text(digest),
            Closed::Cancelled => text(CANCELLED),
        });
        Ok(Item::new(Self::key(&state.id))
            .with(REPOSITORY, text(&state.repository))
            .with(VERSION, number(state.version))
            .with(OFFSET_BYTES, number(state.offset_bytes))
            .with(HASHER, bytes(state.hasher.clone()))
            .with_optional(MULTIPART, state.multipart.as_ref().map(text))
            .with_optional(PARTS, (!parts.is_empty()).then(|| bytes(parts)))
            .with_optional(TAIL_ID, tail.map(|tail| text(&tail.id)))
            .with_optional(TAIL_SIZE_BYTES, tail.map(|tail| number(tail.size_bytes)))
            .with_optional(CLOSED, closed)
            .with(TTL, number(state.expires_at_secs)))
    }

    pub(crate) fn decode(item: &Item) -> Result<UploadState, Malformed> {
        let id = item.key.pk.strip_prefix(PREFIX).ok_or(Malformed { attribute: PK })?;
        let tail = match item.optional_text(TAIL_ID)? {
            Some(id) => Some(Tail { id: id.to_owned(), size_bytes: item.number(TAIL_SIZE_BYTES)? }),
            None => None,
        };
        let closed = match item.optional_text(CLOSED)? {
            None => None,
            Some(CANCELLED) => Some(Closed::Cancelled),
            Some(_) => Some(Closed::Finished(item.parsed(CLOSED)?)),
        };
        let parts = parts::decode(item.optional_bytes(PARTS)?.unwrap_or_default());
        Ok(UploadState {
            id: id.to_owned(),
            repository: item.parsed(REPOSITORY)?,
            version: item.number(VERSION)?,
            offset_bytes: item.number(OFFSET_BYTES)?,
            hasher: item.bytes(HASHER)?.to_vec(),
            multipart: item.optional_text(MULTIPART)?.map(str::to_owned),
            parts: parts.ok_or(Malformed { attribute: PARTS })?,
            tail,
            closed,
            expires_at_secs: item.number(TTL)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use berth_registry::ports::Part;
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    proptest! {
        #[test]
        fn round_trip(
            repository in samples::repository(),
            (id, tail_id) in ("[0-9a-f]{32}(-sha512)?", "[0-9a-f]{32}"),
            (version, offset_bytes, expires_at_secs, tail_bytes) in any::<(u64, u64, u64, u64)>(),
            hasher: Vec<u8>,
            multipart in prop::option::of(".{1,99}"),
            etags in prop::collection::vec("\"[0-9a-f]{32}\"", 0..9),
            has_tail: bool,
            closed in prop::option::of(prop::option::of(samples::digest())),
        ) {
            let state = UploadState {
                id,
                repository,
                version,
                offset_bytes,
                hasher,
                multipart,
                parts: (1..).zip(etags).map(|(number, etag)| Part { number, etag }).collect(),
                tail: has_tail.then_some(Tail { id: tail_id, size_bytes: tail_bytes }),
                closed: closed.map(|digest| digest.map_or(Closed::Cancelled, Closed::Finished)),
                expires_at_secs,
            };
            prop_assert_eq!(UploadItem::decode(&UploadItem::encode(&state).unwrap()), Ok(state));
        }
    }
}
