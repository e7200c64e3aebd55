use crate::{Algorithm, Digest, Page, Reference, RepositoryName, Tag};

/// A well-formed request to the distribution API, one variant for each endpoint (distribution-spec,
/// "Endpoints").
///
/// Each variant lists the statuses it can end with. Besides those, every request can end with 401, 403, 429,
/// 500 or 503.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// end-1, `GET /v2/` or `HEAD /v2/`: 200.
    Base,
    /// end-2, `GET /v2/<name>/blobs/<digest>`: 200, 206, 307, 404, 416.
    GetBlob {
        /// The repository.
        name: RepositoryName,
        /// The blob.
        digest: Digest,
    },
    /// end-2, `HEAD /v2/<name>/blobs/<digest>`: 200, 404.
    HeadBlob {
        /// The repository.
        name: RepositoryName,
        /// The blob.
        digest: Digest,
    },
    /// end-10, `DELETE /v2/<name>/blobs/<digest>`: 202, 404, 405.
    DeleteBlob {
        /// The repository.
        name: RepositoryName,
        /// The blob.
        digest: Digest,
    },
    /// end-3, `GET /v2/<name>/manifests/<reference>`: 200, 404.
    GetManifest {
        /// The repository.
        name: RepositoryName,
        /// The manifest.
        reference: Reference,
    },
    /// end-3, `HEAD /v2/<name>/manifests/<reference>`: 200, 404.
    HeadManifest {
        /// The repository.
        name: RepositoryName,
        /// The manifest.
        reference: Reference,
    },
    /// end-7a and end-7b, `PUT /v2/<name>/manifests/<reference>`: 201, 400, 404, 413, 414.
    PutManifest {
        /// The repository.
        name: RepositoryName,
        /// The tag to set, or the digest the body must have.
        reference: Reference,
        /// The `tag` parameters, each once, in order, at most
        /// [`MAX_TAGS_PER_PUSH`](crate::limits::MAX_TAGS_PER_PUSH): tags to set besides. The spec has them
        /// with a digest reference.
        tags: Vec<Tag>,
    },
    /// end-9, `DELETE /v2/<name>/manifests/<reference>`: 202, 404, 405.
    DeleteManifest {
        /// The repository.
        name: RepositoryName,
        /// The tag to remove, or the manifest to remove with all its tags.
        reference: Reference,
    },
    /// end-4a, `POST /v2/<name>/blobs/uploads/`: 202, 404; with `digest` end-4b: 201, 202, 400; with
    /// `digest-algorithm` end-4c; with `mount` end-11: 201, 202.
    StartUpload {
        /// The repository.
        name: RepositoryName,
        /// The digest of the blob, which is the body (end-4b).
        digest: Option<Digest>,
        /// The digest of a blob to link instead of an upload (end-11).
        mount: Option<Digest>,
        /// The repository the blob is linked from (end-11).
        from: Option<RepositoryName>,
        /// The algorithm of the digest that will finish the upload (end-4c).
        algorithm: Option<Algorithm>,
    },
    /// end-5, `PATCH /v2/<name>/blobs/uploads/<session>`: 202, 404, 416.
    PatchUpload {
        /// The repository.
        name: RepositoryName,
        /// The upload.
        session: String,
    },
    /// end-6, `PUT /v2/<name>/blobs/uploads/<session>?digest=<digest>`: 201, 400, 404, 416.
    PutUpload {
        /// The repository.
        name: RepositoryName,
        /// The upload.
        session: String,
        /// The digest of the blob; its absence is `DIGEST_INVALID` once the session is known.
        digest: Option<Digest>,
    },
    /// end-13, `GET /v2/<name>/blobs/uploads/<session>`: 204, 404.
    GetUpload {
        /// The repository.
        name: RepositoryName,
        /// The upload.
        session: String,
    },
    /// end-14, `DELETE /v2/<name>/blobs/uploads/<session>`: 204, 404.
    CancelUpload {
        /// The repository.
        name: RepositoryName,
        /// The upload.
        session: String,
    },
    /// end-8a and end-8b, `GET /v2/<name>/tags/list`: 200, 404.
    ListTags {
        /// The repository.
        name: RepositoryName,
        /// The part of the list.
        page: Page,
    },
    /// end-12a and end-12b, `GET /v2/<name>/referrers/<digest>`: 200, 400.
    ListReferrers {
        /// The repository.
        name: RepositoryName,
        /// The subject, which need not exist.
        digest: Digest,
        /// List only referrers of this artifact type.
        artifact_type: Option<String>,
        /// The part of the list.
        page: Page,
    },
    /// `GET /v2/_catalog`, of Docker's registry API: 200.
    Catalog {
        /// The part of the list.
        page: Page,
    },
    /// `GET /v2/_oci/ext/discover`, of the extensions of the distribution-spec: 200.
    ExtDiscover,
}

impl Request {
    /// The repository the request is about; `None` for those about the registry.
    pub const fn name(&self) -> Option<&RepositoryName> {
        match self {
            Self::Base | Self::Catalog { .. } | Self::ExtDiscover => None,
            Self::GetBlob { name, .. }
            | Self::HeadBlob { name, .. }
            | Self::DeleteBlob { name, .. }
            | Self::GetManifest { name, .. }
            | Self::HeadManifest { name, .. }
            | Self::PutManifest { name, .. }
            | Self::DeleteManifest { name, .. }
            | Self::StartUpload { name, .. }
            | Self::PatchUpload { name, .. }
            | Self::PutUpload { name, .. }
            | Self::GetUpload { name, .. }
            | Self::CancelUpload { name, .. }
            | Self::ListTags { name, .. }
            | Self::ListReferrers { name, .. } => Some(name),
        }
    }

    /// A stable word for logs and metrics.
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::GetBlob { .. } => "get_blob",
            Self::HeadBlob { .. } => "head_blob",
            Self::DeleteBlob { .. } => "delete_blob",
            Self::GetManifest { .. } => "get_manifest",
            Self::HeadManifest { .. } => "head_manifest",
            Self::PutManifest { .. } => "put_manifest",
            Self::DeleteManifest { .. } => "delete_manifest",
            Self::StartUpload { .. } => "start_upload",
            Self::PatchUpload { .. } => "patch_upload",
            Self::PutUpload { .. } => "put_upload",
            Self::GetUpload { .. } => "get_upload",
            Self::CancelUpload { .. } => "cancel_upload",
            Self::ListTags { .. } => "list_tags",
            Self::ListReferrers { .. } => "list_referrers",
            Self::Catalog { .. } => "catalog",
            Self::ExtDiscover => "ext_discover",
        }
    }
}
