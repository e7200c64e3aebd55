use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use berth_protocol::{Descriptor, Digest, Reference, RepositoryName, Tag};
use berth_registry::ports::{
    Artifact, ArtifactList, Assembly, BlobRead, BlobWrite, Commit, Commitment, Link, LinkRead, LinkWrite,
    ListPage, ManifestDelete, ManifestRead, ManifestRecord, ManifestWrite, Part, Promotion, ReferrerList,
    Repositories, RepositoryList, RepositoryRecord, RepositoryRemoval, Saved, Staging, Survey, TagList,
    TaggedManifest, Tail, Unlinking, UploadData, UploadState, UploadStates, Wanted,
};
use berth_registry::{ByteStream, StoreError};
use bytes::Bytes;

use super::{Hook, Verdict};

/// A port with a hook in front.
pub(super) struct Wrapped<P: ?Sized> {
    port: Arc<P>,
    hook: Arc<dyn Hook>,
}

impl<P: ?Sized> Wrapped<P> {
    pub(super) fn around(port: Arc<P>, hook: &Arc<dyn Hook>) -> Arc<Self> {
        Arc::new(Self { port, hook: hook.clone() })
    }
}

/// Implements a port for `Wrapped` from the signatures of its methods.
macro_rules! hooked {
    ($port:ident { $(fn $method:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)+ }) => {
        #[async_trait]
        impl $port for Wrapped<dyn $port> {
            $(async fn $method(&self, $($argument: $kind),*) -> Result<$answer, StoreError> {
                match self.hook.before(concat!(stringify!($port), "::", stringify!($method))).await {
                    Verdict::Pass => self.port.$method($($argument),*).await,
                    Verdict::Before(error) => Err(error),
                    Verdict::After(error) => {
                        self.port.$method($($argument),*).await?;
                        Err(error)
                    }
                }
            })+
        }
    };
}

hooked!(BlobRead {
    fn open(digest: &Digest, range: Option<RangeInclusive<u64>>) -> Option<ByteStream>;
    fn address(digest: &Digest, ttl_secs: u64) -> String;
});
hooked!(BlobWrite {
    fn put(digest: &Digest, body: Bytes) -> ();
});
hooked!(Staging {
    fn promote(repository: &RepositoryName, digest: &Digest) -> Promotion;
    fn remove(repository: &RepositoryName, digest: &Digest) -> ();
});
hooked!(LinkRead {
    fn get(repository: &RepositoryName, digest: &Digest) -> Option<Link>;
});
hooked!(LinkWrite {
    fn put(repository: &RepositoryName, digest: &Digest, link: Link) -> ();
    fn remove(repository: &RepositoryName, digest: &Digest) -> Unlinking;
});
hooked!(ManifestRead {
    fn get(repository: &RepositoryName, reference: &Reference) -> Option<ManifestRecord>;
    fn body(repository: &RepositoryName, digest: &Digest) -> Option<Bytes>;
});
hooked!(ManifestWrite {
    fn survey(repository: &RepositoryName, wanted: Wanted<'_>) -> Survey;
    fn put_body(repository: &RepositoryName, record: &ManifestRecord, body: Bytes) -> ();
    fn put_edges(repository: &RepositoryName, parent: &Digest, needs: &[Digest], push_id: &str) -> ();
    fn commit(repository: &RepositoryName, commit: Commit<'_>) -> Commitment;
});
hooked!(ManifestDelete {
    fn delete_tag(repository: &RepositoryName, tag: &Tag) -> bool;
    fn delete_manifest(repository: &RepositoryName, digest: &Digest) -> bool;
});
hooked!(TagList {
    fn list(repository: &RepositoryName, after: Option<&str>, limit: usize) -> Option<ListPage<Tag>>;
});
hooked!(RepositoryList {
    fn list(after: Option<&str>, limit: usize) -> ListPage<RepositoryName>;
});
hooked!(ReferrerList {
    fn list(
        repository: &RepositoryName, subject: &Digest, after: Option<&str>, limit: usize
    ) -> ListPage<Descriptor>;
});
hooked!(ArtifactList {
    fn list(repository: &RepositoryName, after: Option<&Digest>, limit: usize) -> ListPage<Artifact>;
    fn get(repository: &RepositoryName, digest: &Digest) -> Option<Artifact>;
    fn tagged(
        repository: &RepositoryName, after: Option<(&Digest, &Tag)>, limit: usize
    ) -> ListPage<TaggedManifest>;
    fn tags_of(
        repository: &RepositoryName, digest: &Digest, after: Option<&Tag>, limit: usize
    ) -> ListPage<TaggedManifest>;
    fn parents(repository: &RepositoryName, digest: &Digest, limit: usize) -> Vec<Digest>;
});
hooked!(Repositories {
    fn get(repository: &RepositoryName) -> Option<RepositoryRecord>;
    fn remove(repository: &RepositoryName) -> RepositoryRemoval;
});
hooked!(UploadStates {
    fn get(id: &str) -> Option<UploadState>;
    fn save(state: &UploadState) -> Saved;
});
hooked!(UploadData {
    fn begin(id: &str) -> String;
    fn put_part(id: &str, multipart: &str, number: u32, body: Bytes) -> Part;
    fn put_tail(id: &str, tail: &Tail, body: Bytes) -> ();
    fn tail(id: &str, tail: &Tail) -> Option<Bytes>;
    fn assemble(id: &str, multipart: &str, parts: &[Part]) -> Assembly;
    fn open(id: &str) -> Option<ByteStream>;
    fn place(id: &str, digest: &Digest, size_bytes: u64) -> ();
    fn discard(state: &UploadState) -> ();
});
