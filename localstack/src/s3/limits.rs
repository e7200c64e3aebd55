//! Sizes and counts: Amazon's own, and ours.
//!
//! Amazon's are in <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.

/// The most that one `PutObject` or `UploadPart` may bring.
pub(crate) const MAX_PUT_BYTES: u64 = 5 << 30;
/// The largest source of one `CopyObject`, and the largest range of one `UploadPartCopy`.
pub(crate) const MAX_COPY_BYTES: u64 = 5 << 30;
/// The least size of each part but the last.
pub(crate) const MIN_PART_BYTES: u64 = 5 << 20;
/// Part numbers run from 1 to this.
pub(crate) const MAX_PART_NUMBER: i32 = 10_000;
/// The names and values of `x-amz-meta-*` together.
pub(crate) const MAX_USER_METADATA_BYTES: usize = 2 << 10;
/// The most entries in one page of any list, and in one `DeleteObjects`.
pub(crate) const MAX_PAGE: i32 = 1000;

/// An object up to this size lives in its index row: no file, no extra flush.
pub(crate) const MAX_INLINE_BYTES: usize = 64 << 10;
/// A read up to this size is answered from one buffer, a larger one streams.
pub(crate) const MAX_DIRECT_READ_BYTES: u64 = 256 << 10;
/// What one step of a streamed read brings.
pub(crate) const READ_PIECE_BYTES: u64 = 512 << 10;
/// How many pieces a streamed read keeps ready or under way.
pub(crate) const READ_AHEAD_PIECES: usize = 3;
/// What one step of a streamed write takes; two of these are in memory at a time.
pub(crate) const WRITE_STEP_BYTES: usize = 1 << 20;
/// With this much not yet flushed, a large upload starts to flush while it goes on.
pub(crate) const WRITE_BACK_BYTES: u64 = 32 << 20;
/// Reads of the index that run at the same time.
pub(crate) const MAX_READERS: usize = 8;
/// Changes that share one commit at most.
pub(crate) const MAX_GROUPED_CHANGES: usize = 128;
/// Objects or uploads that one transaction of an expiry removes.
pub(crate) const EXPIRY_BATCH: usize = 500;
