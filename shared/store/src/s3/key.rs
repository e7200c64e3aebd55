use std::fmt;

use berth_protocol::{Algorithm, Digest, RepositoryName};

/// The name of an object in the bucket. No other names are ever written.
///
/// ```text
/// blobs/<algorithm>/<hex>                     verified blob, never changed
/// uploads/<repository>/<algorithm>/<hex>      staged by a client, not yet trusted
/// manifests/<repository>/<algorithm>/<hex>    manifest body, never changed
/// chunks/<upload id>/data                     upload in parts: in progress, then joined, then emptied
/// chunks/<upload id>/tail-<tail id>           bytes too few for a part
/// config/networks                             written by the operator, only read here
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key<'a> {
    /// A verified blob, shared by all repositories.
    Blob(&'a Digest),
    /// An object that a client put here through the edge.
    Staged(&'a RepositoryName, &'a Digest),
    /// The body of a manifest.
    Manifest(&'a RepositoryName, &'a Digest),
    /// The content of an upload in parts.
    UploadData(&'a str),
    /// The end of an upload: its id, and that of the tail.
    UploadTail(&'a str, &'a str),
    /// The networks whose callers fetch blobs from S3 itself; written by the operator.
    Networks,
}

impl Key<'_> {
    /// The repository and digest of a staged object, from its key as S3 has it (in events it is URL-encoded).
    pub fn parse_staging(key: &str) -> Option<(RepositoryName, Digest)> {
        let mut fields = key.strip_prefix("uploads/")?.rsplitn(3, '/');
        let (hex, algorithm, repository) = (fields.next()?, fields.next()?, fields.next()?);
        algorithm.parse::<Algorithm>().ok()?;
        let digest = Digest::parse(&format!("{algorithm}:{hex}")).ok()?;
        Some((RepositoryName::parse(repository).ok()?, digest))
    }

    /// The Content-Type to store; `None` where the writer says it (manifests) or the client does (staged objects).
    pub const fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::Blob(_) | Self::UploadData(_) | Self::UploadTail(..) => Some("application/octet-stream"),
            Self::Staged(..) | Self::Manifest(..) | Self::Networks => None,
        }
    }

    /// The Cache-Control to store. Blobs go through shared caches, which may keep them forever.
    pub const fn cache_control(&self) -> Option<&'static str> {
        match self {
            Self::Blob(_) => Some("public, max-age=31536000, immutable"),
            Self::Staged(..)
            | Self::Manifest(..)
            | Self::UploadData(_)
            | Self::UploadTail(..)
            | Self::Networks => None,
        }
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blob(digest) => write!(f, "blobs/{}", path(digest)),
            Self::Staged(repository, digest) => write!(f, "uploads/{repository}/{}", path(digest)),
            Self::Manifest(repository, digest) => write!(f, "manifests/{repository}/{}", path(digest)),
            Self::UploadData(id) => write!(f, "chunks/{id}/data"),
            Self::UploadTail(id, tail) => write!(f, "chunks/{id}/tail-{tail}"),
            Self::Networks => f.write_str("config/networks"),
        }
    }
}

fn path(digest: &Digest) -> String {
    format!("{}/{}", digest.algorithm(), digest.hex())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn keys_are_those_of_the_layout() {
        let digest = Digest::sha256(b"");
        let repository = RepositoryName::parse("team/app").unwrap();
        let table = [
            (Key::Blob(&digest), format!("blobs/sha256/{HEX}")),
            (Key::Staged(&repository, &digest), format!("uploads/team/app/sha256/{HEX}")),
            (Key::Manifest(&repository, &digest), format!("manifests/team/app/sha256/{HEX}")),
            (Key::UploadData("ab"), "chunks/ab/data".to_owned()),
            (Key::UploadTail("ab", "cd"), "chunks/ab/tail-cd".to_owned()),
        ];
        for (key, text) in table {
            assert_eq!(key.to_string(), text);
        }
    }

    #[test]
    fn other_keys_are_no_staged_objects() {
        let hostile = [
            String::new(),
            "uploads/".to_owned(),
            format!("uploads/sha256/{HEX}"),
            format!("uploads//sha256/{HEX}"),
            format!("uploads/../app/sha256/{HEX}"),
            format!("uploads/Team/sha256/{HEX}"),
            format!("uploads/app/sha256/{HEX}/"),
            format!("uploads/app/sha256/{}", &HEX[1..]),
            format!("uploads/app/sha256/{}", HEX.to_uppercase()),
            format!("uploads/app/sha512/{HEX}"),
            format!("uploads/app/sha256:x/{HEX}"),
            format!("uploads/app/sha256%2F{HEX}"),
            format!("blobs/app/sha256/{HEX}"),
            format!("/uploads/app/sha256/{HEX}"),
            format!("x/uploads/app/sha256/{HEX}"),
            format!("uploads/{}/sha256/{HEX}", "a".repeat(256)),
        ];
        for key in hostile {
            assert_eq!(Key::parse_staging(&key), None, "{key}");
        }
    }

    proptest! {
        #[test]
        fn staging_keys_round_trip(repository in samples::repository(), digest in samples::digest()) {
            let key = Key::Staged(&repository, &digest).to_string();
            prop_assert_eq!(Key::parse_staging(&key), Some((repository, digest)));
        }

        #[test]
        fn an_accepted_key_is_the_only_one_of_its_object(key in "(uploads/)?[a-z/.]{0,9}/sha(256|512)/[0-9a-f]{64}|\\PC*") {
            if let Some((repository, digest)) = Key::parse_staging(&key) {
                prop_assert_eq!(Key::Staged(&repository, &digest).to_string(), key);
            }
        }
    }
}
