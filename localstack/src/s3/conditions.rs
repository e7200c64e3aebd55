//! Conditional requests: what must hold of the current object before an operation goes on.

use s3s::{
    S3ErrorCode,
    dto::{ETagCondition, Timestamp},
};

use super::error::Error;

/// The version of an object that a condition is tested against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Version<'a> {
    pub(crate) etag: &'a str,
    pub(crate) created_ms: u64,
}

/// `If-Match` and `If-None-Match` of a request that writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteConditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
}

impl WriteConditions {
    /// Tests against the object that the write would replace.
    pub(crate) fn check(&self, current: Option<Version<'_>>) -> Result<(), Error> {
        match (&self.if_none_match, current) {
            (Some(ETagCondition::Any), Some(_)) => return Err(failed()),
            (Some(ETagCondition::ETag(_)), _) => {
                let message = "If-None-Match of a write must be *";
                return Err(Error::refused(S3ErrorCode::NotImplemented, message));
            }
            _ => {}
        }
        match (&self.if_match, current) {
            (Some(_), None) => {
                Err(Error::refused(S3ErrorCode::NoSuchKey, "the object of If-Match does not exist"))
            }
            (Some(condition), Some(current)) if !names(condition, current) => Err(failed()),
            _ => Ok(()),
        }
    }
}

/// The four preconditions of a request that reads, or of the source of a copy.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the fields are named as their headers")]
pub(crate) struct ReadConditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

impl ReadConditions {
    /// Tests in the order of RFC 9110 section 13.2.2: an entity tag goes before a time.
    pub(crate) fn check(&self, current: Version<'_>) -> Result<(), Error> {
        let unchanged = match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) => names(condition, current),
            (None, Some(time)) => !changed_after(current, time),
            (None, None) => true,
        };
        if !unchanged {
            return Err(failed());
        }
        let new = match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => !names(condition, current),
            (None, Some(time)) => changed_after(current, time),
            (None, None) => true,
        };
        if new { Ok(()) } else { Err(Error::NotModified { etag: current.etag.to_owned() }) }
    }

    /// As [`check`](Self::check), for a copy: there "not modified" is a failed precondition too.
    pub(crate) fn check_source(&self, source: Version<'_>) -> Result<(), Error> {
        self.check(source).map_err(|_| failed())
    }
}

fn names(condition: &ETagCondition, current: Version<'_>) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == current.etag,
    }
}

/// HTTP times have whole seconds, so the object's is cut to them as well.
fn changed_after(current: Version<'_>, time: &Timestamp) -> bool {
    seconds(current.created_ms) > *time
}

fn seconds(ms: u64) -> Timestamp {
    super::operations::timestamp(ms - ms % 1000)
}

fn failed() -> Error {
    Error::refused(S3ErrorCode::PreconditionFailed, "at least one of the preconditions did not hold")
}

#[cfg(test)]
mod tests {
    use s3s::dto::ETag;

    use super::*;

    const CURRENT: Version<'_> = Version { etag: "aa", created_ms: 5_900 };

    fn etag(value: &str) -> ETagCondition {
        ETagCondition::ETag(ETag::Strong(value.to_owned()))
    }

    fn outcome(result: &Result<(), Error>) -> &'static str {
        match result {
            Ok(()) => "go on",
            Err(Error::NotModified { .. }) => "not modified",
            Err(Error::Refused { code: S3ErrorCode::PreconditionFailed, .. }) => "failed",
            Err(Error::Refused { code: S3ErrorCode::NoSuchKey, .. }) => "no such key",
            Err(Error::Refused { code: S3ErrorCode::NotImplemented, .. }) => "not implemented",
            Err(_) => "unexpected",
        }
    }

    #[test]
    fn writes() {
        let any = Some(ETagCondition::Any);
        for (if_match, if_none_match, current, expected) in [
            (None, None, None, "go on"),
            (None, None, Some(CURRENT), "go on"),
            (None, any.clone(), None, "go on"),
            (None, any.clone(), Some(CURRENT), "failed"),
            (None, Some(etag("bb")), Some(CURRENT), "not implemented"),
            (Some(etag("aa")), None, Some(CURRENT), "go on"),
            (Some(etag("bb")), None, Some(CURRENT), "failed"),
            (Some(etag("aa")), None, None, "no such key"),
            (any.clone(), None, Some(CURRENT), "go on"),
            (any, None, None, "no such key"),
        ] {
            let conditions = WriteConditions { if_match, if_none_match };
            assert_eq!(outcome(&conditions.check(current)), expected, "{conditions:?} {current:?}");
        }
    }

    #[test]
    fn reads() {
        let at = |second: u64| Some(seconds(second * 1000));
        for (if_match, if_none_match, if_modified_since, if_unmodified_since, expected) in [
            (None, None, None, None, "go on"),
            (Some(etag("aa")), None, None, None, "go on"),
            (Some(etag("bb")), None, None, None, "failed"),
            (None, Some(etag("aa")), None, None, "not modified"),
            (None, Some(etag("bb")), None, None, "go on"),
            (None, None, at(4), None, "go on"),
            (None, None, at(5), None, "not modified"),
            (None, None, None, at(4), "failed"),
            (None, None, None, at(5), "go on"),
            (Some(etag("aa")), None, None, at(4), "go on"),
            (None, Some(etag("bb")), at(9), None, "go on"),
        ] {
            let conditions =
                ReadConditions { if_match, if_none_match, if_modified_since, if_unmodified_since };
            assert_eq!(outcome(&conditions.check(CURRENT)), expected, "{conditions:?}");
        }
    }
}
