//! The operations of S3: each takes the request apart, makes one change or read of the index, and shapes the answer.

mod buckets;
mod complete;
mod copy;
mod delete;
mod get;
mod list;
mod parts;
mod put;
mod receive;
mod source;
mod uploads;

use std::time::{Duration, SystemTime};

use s3s::{
    S3, S3Request, S3Response, S3Result,
    dto::{
        AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
        CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CreateBucketInput,
        CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteObjectInput,
        DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, ETag, GetObjectAttributesInput,
        GetObjectAttributesOutput, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput,
        HeadObjectInput, HeadObjectOutput, ListMultipartUploadsInput, ListMultipartUploadsOutput,
        ListObjectsV2Input, ListObjectsV2Output, ListPartsInput, ListPartsOutput, PutObjectInput,
        PutObjectOutput, Timestamp, UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput,
        UploadPartOutput,
    },
};

use super::{error::Error, store::Store};

/// Writes the trait's methods, each of which calls the function of the same name.
macro_rules! operations {
    ($($module:ident::$name:ident($input:ty) -> $output:ty;)*) => {
        #[async_trait::async_trait]
        impl S3 for Store {
            $(
                async fn $name(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                    Ok(S3Response::new($module::$name(self, request).await?))
                }
            )*
        }
    };
}

operations! {
    buckets::create_bucket(CreateBucketInput) -> CreateBucketOutput;
    buckets::head_bucket(HeadBucketInput) -> HeadBucketOutput;
    put::put_object(PutObjectInput) -> PutObjectOutput;
    get::get_object(GetObjectInput) -> GetObjectOutput;
    get::head_object(HeadObjectInput) -> HeadObjectOutput;
    get::get_object_attributes(GetObjectAttributesInput) -> GetObjectAttributesOutput;
    delete::delete_object(DeleteObjectInput) -> DeleteObjectOutput;
    delete::delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput;
    copy::copy_object(CopyObjectInput) -> CopyObjectOutput;
    list::list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output;
    uploads::create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput;
    uploads::list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput;
    uploads::abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput;
    parts::upload_part(UploadPartInput) -> UploadPartOutput;
    parts::upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput;
    parts::list_parts(ListPartsInput) -> ListPartsOutput;
    complete::complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput;
}

/// Fills the checksum fields of an answer. The generated outputs share the field names and no trait.
macro_rules! with_checksums {
    ($checksums:expr, $output:expr) => {{
        let checksums: &$crate::s3::checksums::Checksums = $checksums;
        let mut output = $output;
        output.checksum_crc32 = checksums.value($crate::s3::checksums::Algorithm::Crc32);
        output.checksum_crc32c = checksums.value($crate::s3::checksums::Algorithm::Crc32c);
        output.checksum_crc64nvme = checksums.value($crate::s3::checksums::Algorithm::Crc64Nvme);
        output.checksum_sha1 = checksums.value($crate::s3::checksums::Algorithm::Sha1);
        output.checksum_sha256 = checksums.value($crate::s3::checksums::Algorithm::Sha256);
        output
    }};
}
use with_checksums;

/// A time in the form of the generated types.
pub(super) fn timestamp(ms: u64) -> Timestamp {
    (SystemTime::UNIX_EPOCH + Duration::from_millis(ms)).into()
}

/// A size in the form of the generated types. No object is anywhere near the limit of the signed number.
fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn etag(value: &str) -> ETag {
    ETag::Strong(value.to_owned())
}

/// The size of a page: what was asked for, up to S3's limit.
fn page_size(asked_for: Option<i32>) -> (i32, usize) {
    let entries = asked_for.unwrap_or(super::limits::MAX_PAGE).clamp(0, super::limits::MAX_PAGE);
    (entries, usize::try_from(entries).unwrap_or_default())
}

fn invalid(message: &'static str) -> Error {
    Error::refused(s3s::S3ErrorCode::InvalidArgument, message)
}

fn not_implemented(message: &'static str) -> Error {
    Error::refused(s3s::S3ErrorCode::NotImplemented, message)
}
