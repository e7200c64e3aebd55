//! `CreateBucket` and `HeadBucket`.

use s3s::{
    S3Request,
    dto::{CreateBucketInput, CreateBucketOutput, HeadBucketInput, HeadBucketOutput},
};

use crate::s3::{error::Error, index::require_bucket, store::Store};

pub(super) async fn create_bucket(
    store: &Store,
    request: S3Request<CreateBucketInput>,
) -> Result<CreateBucketOutput, Error> {
    let bucket = request.input.bucket;
    let location = Some(format!("/{bucket}"));
    let created_ms = store.now_ms();
    store.inner.index.change(move |change| change.create_bucket(&bucket, created_ms)).await?;
    Ok(CreateBucketOutput { location })
}

pub(super) async fn head_bucket(
    store: &Store,
    request: S3Request<HeadBucketInput>,
) -> Result<HeadBucketOutput, Error> {
    let bucket = request.input.bucket;
    store.inner.index.read(move |connection| require_bucket(connection, &bucket)).await?;
    Ok(HeadBucketOutput::default())
}
