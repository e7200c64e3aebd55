//! Values for property tests.

use berth_protocol::{Algorithm, Digest, RepositoryName, Tag};
use berth_registry::ports::ManifestRecord;
use bytes::Bytes;
use proptest::prelude::*;

pub(crate) fn digest() -> impl Strategy<Value = Digest> {
    any::<(Vec<u8>, bool)>().prop_map(|(content, is_sha512)| {
        Digest::of(if is_sha512 { Algorithm::Sha512 } else { Algorithm::Sha256 }, &content)
    })
}

pub(crate) fn repository() -> impl Strategy<Value = RepositoryName> {
    "[a-z0-9]{1,9}(/[a-z0-9]{1,9}([._-][a-z0-9]{1,5})?){0,3}"
        .prop_map(|name| RepositoryName::parse(&name).unwrap())
}

pub(crate) fn tag() -> impl Strategy<Value = Tag> {
    "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}".prop_map(|tag| Tag::parse(&tag).unwrap())
}

/// A record whose body is small enough to be kept with it.
pub(crate) fn record() -> impl Strategy<Value = ManifestRecord> {
    (digest(), "[a-z]{1,9}/[a-z.+]{1,30}", any::<u64>(), prop::option::of(any::<Vec<u8>>())).prop_map(
        |(digest, media_type, size_bytes, body)| ManifestRecord {
            digest,
            media_type,
            size_bytes,
            body: body.map(Bytes::from),
        },
    )
}
