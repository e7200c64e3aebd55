//! What the registry asks of its storage.
//!
//! Each trait has the grain of one permission: the operations that one IAM statement allows. All methods may be called
//! at any time from any number of processes. A read sees every write that was acknowledged before it began, unless its
//! text says otherwise. Nothing is cached below a port.

mod artifacts;
mod blobs;
mod links;
mod lists;
mod manifests;
mod uploads;

pub use artifacts::{
    Artifact, ArtifactList, NAME_RETENTION_SECS, Repositories, RepositoryRecord, RepositoryRemoval, Shape,
    TaggedManifest,
};
pub use blobs::{BlobRead, BlobWrite, Promotion, Staging};
pub use links::{Link, LinkRead, LinkWrite, Unlinking};
pub use lists::{ListPage, ReferrerList, RepositoryList, TagList};
pub use manifests::{
    Commit, Commitment, ManifestDelete, ManifestRead, ManifestRecord, ManifestWrite, PROJECT_PARTITION,
    Survey, SurveyedManifest, TagMove, Wanted, project_record, project_records,
};
pub use uploads::{Assembly, Closed, Part, Saved, Tail, UploadData, UploadState, UploadStates};
