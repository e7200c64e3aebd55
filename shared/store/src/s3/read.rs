//! Bodies on their way out of S3.

use std::ops::RangeInclusive;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_smithy_types::byte_stream::ByteStream as S3Stream;
use berth_protocol::{Algorithm, Digest, Hasher};
use berth_registry::{BodyError, ByteStream, StoreError};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};

use crate::error::unavailable;

/// An open object.
pub(super) struct Object {
    size_bytes: u64,
    body: S3Stream,
}

/// A body that is not as long as it should be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LengthError {
    /// The answer names no length.
    #[error("the answer names no length")]
    Unknown,
    /// The answer has another length than the range that was asked for.
    #[error("the answer has {actual_bytes} bytes, the range {wanted_bytes}")]
    Range {
        /// Of the answer.
        actual_bytes: u64,
        /// Of the range.
        wanted_bytes: u64,
    },
    /// The body ended early.
    #[error("the body ended {missing_bytes} bytes early")]
    Short {
        /// What is missing.
        missing_bytes: u64,
    },
    /// The body goes on behind its end.
    #[error("the body is longer than announced")]
    Long,
    /// It does not belong into memory.
    #[error("an object of {size_bytes} bytes is too large to be read at once")]
    TooLarge {
        /// Its size.
        size_bytes: u64,
    },
}

impl Object {
    pub(super) fn read(
        answer: GetObjectOutput,
        range: Option<RangeInclusive<u64>>,
    ) -> Result<Self, LengthError> {
        let length = answer.content_length().and_then(|length| u64::try_from(length).ok());
        let size_bytes = length.ok_or(LengthError::Unknown)?;
        if let Some(range) = range {
            let wanted_bytes = range.end().saturating_sub(*range.start()).saturating_add(1);
            if wanted_bytes != size_bytes {
                return Err(LengthError::Range { actual_bytes: size_bytes, wanted_bytes });
            }
        }
        Ok(Self { size_bytes, body: answer.body })
    }

    /// The chunks as they come; a body of another length than announced ends in an error.
    pub(super) fn into_stream(self) -> ByteStream {
        let start = Some((self.body, self.size_bytes));
        stream::unfold(start, |state| async move {
            let (mut body, missing_bytes) = state?;
            match body.next().await {
                Some(Ok(chunk)) => match missing_bytes.checked_sub(chunk.len() as u64) {
                    Some(missing_bytes) => Some((Ok(chunk), Some((body, missing_bytes)))),
                    None => Some((Err(LengthError::Long.into()), None)),
                },
                Some(Err(error)) => Some((Err(BodyError::from(error)), None)),
                None if missing_bytes > 0 => Some((Err(LengthError::Short { missing_bytes }.into()), None)),
                None => None,
            }
        })
        .boxed()
    }

    /// The whole body, which must not be longer than `limit_bytes`.
    pub(super) async fn collect(self, limit_bytes: usize) -> Result<Bytes, StoreError> {
        let size = usize::try_from(self.size_bytes).ok().filter(|size| *size <= limit_bytes);
        let too_large = LengthError::TooLarge { size_bytes: self.size_bytes };
        let size = size.ok_or_else(|| StoreError::corrupt("GetObject", too_large))?;
        let mut buffer = BytesMut::with_capacity(size);
        let mut body = self.into_stream();
        while let Some(chunk) = body.next().await {
            buffer.extend_from_slice(&chunk.map_err(broken_off)?);
        }
        Ok(buffer.freeze())
    }

    /// The digest of the body.
    pub(super) async fn digest(self, algorithm: Algorithm) -> Result<Digest, StoreError> {
        let mut hasher = Hasher::new(algorithm);
        let mut body = self.into_stream();
        while let Some(chunk) = body.next().await {
            hasher.update(&chunk.map_err(broken_off)?);
        }
        Ok(hasher.finish())
    }
}

fn broken_off(cause: BodyError) -> StoreError {
    unavailable("GetObject", cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(content: &'static [u8], announced_bytes: i64) -> GetObjectOutput {
        GetObjectOutput::builder()
            .content_length(announced_bytes)
            .body(S3Stream::from_static(content))
            .build()
    }

    fn object(content: &'static [u8], announced_bytes: i64) -> Object {
        Object::read(answer(content, announced_bytes), None).unwrap()
    }

    #[tokio::test]
    async fn a_body_of_the_announced_length_is_passed_on() {
        assert_eq!(object(b"content", 7).collect(7).await.unwrap(), "content");
        assert_eq!(object(b"", 0).collect(0).await.unwrap(), "");
        let digest = object(b"content", 7).digest(Algorithm::Sha512).await.unwrap();
        assert_eq!(digest, Digest::of(Algorithm::Sha512, b"content"));
    }

    #[tokio::test]
    async fn a_body_of_another_length_ends_in_one_error() {
        for announced_bytes in [0, 6, 8, 1000] {
            let chunks = object(b"content", announced_bytes).into_stream();
            let ends: Vec<bool> = chunks.map(|chunk| chunk.is_err()).collect().await;
            assert_eq!(ends.iter().filter(|is_error| **is_error).count(), 1, "{announced_bytes}");
            assert_eq!(ends.last(), Some(&true), "{announced_bytes}");
        }
    }

    #[test]
    fn an_answer_must_be_as_long_as_the_range() {
        assert!(Object::read(answer(b"content", 7), Some(3..=9)).is_ok());
        assert!(Object::read(answer(b"content", 7), Some(0..=5)).is_err());
        assert!(Object::read(answer(b"content", 7), Some(0..=u64::MAX)).is_err());
    }

    #[tokio::test]
    async fn large_objects_are_not_read_into_memory() {
        assert!(object(b"content", 7).collect(6).await.is_err());
    }
}
