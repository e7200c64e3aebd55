//! Names of the headers that the distribution API adds to HTTP.

use http::HeaderName;

/// The digest of the manifest or blob in the answer.
pub const DOCKER_CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// `registry/2.0`; old clients probe it on `/v2/`.
pub const DOCKER_DISTRIBUTION_API_VERSION: HeaderName =
    HeaderName::from_static("docker-distribution-api-version");

/// The identifier of an upload session; Docker's older clients read it.
pub const DOCKER_UPLOAD_UUID: HeaderName = HeaderName::from_static("docker-upload-uuid");

/// On the answer to a manifest push: the digest of the `subject` that was processed.
pub const OCI_SUBJECT: HeaderName = HeaderName::from_static("oci-subject");

/// On the answer to a manifest push with `tag` parameters: one header per tag that was created.
pub const OCI_TAG: HeaderName = HeaderName::from_static("oci-tag");

/// On the answer of the referrers API: the filters that were applied, `artifactType`.
pub const OCI_FILTERS_APPLIED: HeaderName = HeaderName::from_static("oci-filters-applied");

/// On the answer to a started upload: the smallest chunk accepted, in bytes; the last chunk may be smaller.
pub const OCI_CHUNK_MIN_LENGTH: HeaderName = HeaderName::from_static("oci-chunk-min-length");
