//! Content: blobs, staged objects, manifest bodies and uploads in parts, in one bucket.

mod blobs;
mod bodies;
mod copy;
mod key;
mod object;
mod read;
mod staging;
mod uploads;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};

pub use key::Key;

/// The registry's content in one S3 bucket: `BlobRead`, `BlobWrite`, `Staging` and `UploadData`. Cheap to clone.
///
/// The caller needs `s3:ListBucket` beside the rights to the objects: without it, S3 answers 403 for what is absent.
#[derive(Debug, Clone)]
pub struct S3 {
    client: Client,
    bucket: String,
}

impl S3 {
    /// Content in `bucket`.
    ///
    /// The SDK's checksums of its own choice are turned off. Where content matters, its SHA-256 is sent with it, and an
    /// upload in parts that was begun with a checksum would have to name it again for every part.
    pub fn new(client: &Client, bucket: impl Into<String>) -> Self {
        let config = client
            .config()
            .to_builder()
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        Self { client: Client::from_conf(config.build()), bucket: bucket.into() }
    }
}
