use http::StatusCode;
use serde_json::{Value, json};

/// Why a request failed, as the client is told: the 14 codes of the distribution-spec ("Error Codes") and
/// ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// code-1: the blob is not in the repository.
    BlobUnknown,
    /// code-2: the upload cannot be continued or finished like this.
    BlobUploadInvalid,
    /// code-3: there is no such upload session.
    BlobUploadUnknown,
    /// code-4: a digest is malformed or does not match the content.
    DigestInvalid,
    /// code-5: the manifest refers to a blob or manifest that is not in the repository.
    ManifestBlobUnknown,
    /// code-6: the manifest is malformed.
    ManifestInvalid,
    /// code-7: the manifest is not in the repository.
    ManifestUnknown,
    /// code-8: the repository name is malformed.
    NameInvalid,
    /// code-9: there is no such repository.
    NameUnknown,
    /// code-10: the length of the content is not the declared one.
    SizeInvalid,
    /// code-11: credentials are needed.
    Unauthorized,
    /// code-12: the credentials do not allow it.
    Denied,
    /// code-13: the registry does not do this.
    Unsupported,
    /// code-14: the client is too fast.
    TooManyRequests,
    /// A chunk is out of order, or a requested range lies outside the content.
    RangeInvalid,
    /// A tag is malformed.
    TagInvalid,
    /// The page size `n` is not a number.
    PaginationNumberInvalid,
    /// The manifest exceeds [`MAX_MANIFEST_BYTES`](crate::limits::MAX_MANIFEST_BYTES).
    ManifestTooLarge,
    /// A body is larger than reaches the registry on this path. Its text is `UNSUPPORTED`, for which Docker does not
    /// send the same body five times.
    BodyTooLarge,
    /// More tags on one push than [`MAX_TAGS_PER_PUSH`](crate::limits::MAX_TAGS_PER_PUSH).
    TooManyTags,
    /// A service the registry needs does not answer.
    Unavailable,
    /// A fault of the registry.
    Unknown,
    /// The path names nothing in the API.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
}

struct Row {
    text: &'static str,
    status: StatusCode,
    message: &'static str,
    is_retryable: bool,
}

const fn row(text: &'static str, status: StatusCode, message: &'static str) -> Row {
    Row { text, status, message, is_retryable: false }
}

const fn retryable(text: &'static str, status: StatusCode, message: &'static str) -> Row {
    Row { text, status, message, is_retryable: true }
}

impl ErrorCode {
    /// The `code` in the body; several of ours share the text of a spec code.
    pub const fn as_str(self) -> &'static str {
        self.row().text
    }

    /// The status of the answer.
    pub const fn status(self) -> StatusCode {
        self.row().status
    }

    /// The `message` in the body unless the failure knows a better one.
    pub const fn message(self) -> &'static str {
        self.row().message
    }

    /// Whether the same request may succeed later without anybody changing anything.
    pub const fn is_retryable(self) -> bool {
        self.row().is_retryable
    }

    /// The one table of codes. The compiler checks that it is complete.
    #[rustfmt::skip]
    const fn row(self) -> Row {
        use StatusCode as S;
        match self {
            Self::BlobUnknown => row("BLOB_UNKNOWN", S::NOT_FOUND, "blob unknown to the repository"),
            Self::BlobUploadInvalid => row("BLOB_UPLOAD_INVALID", S::BAD_REQUEST, "blob upload invalid"),
            Self::BlobUploadUnknown => row("BLOB_UPLOAD_UNKNOWN", S::NOT_FOUND, "blob upload unknown to the registry"),
            Self::DigestInvalid => row("DIGEST_INVALID", S::BAD_REQUEST, "digest malformed or not that of the content"),
            Self::ManifestBlobUnknown => row("MANIFEST_BLOB_UNKNOWN", S::NOT_FOUND, "manifest refers to content unknown to the repository"),
            Self::ManifestInvalid => row("MANIFEST_INVALID", S::BAD_REQUEST, "manifest invalid"),
            Self::ManifestUnknown => row("MANIFEST_UNKNOWN", S::NOT_FOUND, "manifest unknown to the repository"),
            Self::NameInvalid => row("NAME_INVALID", S::BAD_REQUEST, "repository name invalid"),
            Self::NameUnknown => row("NAME_UNKNOWN", S::NOT_FOUND, "repository unknown to the registry"),
            Self::SizeInvalid => row("SIZE_INVALID", S::BAD_REQUEST, "content length is not the declared one"),
            Self::Unauthorized => row("UNAUTHORIZED", S::UNAUTHORIZED, "authentication required"),
            Self::Denied => row("DENIED", S::FORBIDDEN, "access to the resource is denied"),
            Self::Unsupported => row("UNSUPPORTED", S::METHOD_NOT_ALLOWED, "operation unsupported"),
            Self::TooManyRequests => retryable("TOOMANYREQUESTS", S::TOO_MANY_REQUESTS, "too many requests"),
            Self::RangeInvalid => row("RANGE_INVALID", S::RANGE_NOT_SATISFIABLE, "range invalid"),
            Self::TagInvalid => row("TAG_INVALID", S::BAD_REQUEST, "tag invalid"),
            Self::PaginationNumberInvalid => row("PAGINATION_NUMBER_INVALID", S::BAD_REQUEST, "page size must be a number"),
            Self::ManifestTooLarge => row("SIZE_INVALID", S::PAYLOAD_TOO_LARGE, "manifest too large"),
            Self::BodyTooLarge => row("UNSUPPORTED", S::PAYLOAD_TOO_LARGE, "request body too large"),
            Self::TooManyTags => row("TAG_INVALID", S::URI_TOO_LONG, "too many tags in one push"),
            Self::Unavailable => retryable("UNAVAILABLE", S::SERVICE_UNAVAILABLE, "service unavailable, try again"),
            Self::Unknown => row("UNKNOWN", S::INTERNAL_SERVER_ERROR, "internal error"),
            Self::NotFound => row("NOT_FOUND", S::NOT_FOUND, "no such endpoint"),
            Self::MethodNotAllowed => row("UNSUPPORTED", S::METHOD_NOT_ALLOWED, "method not allowed"),
        }
    }
}

/// One error as the client sees it. Message and detail are safe to show: no causes, no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct ApiError {
    /// What went wrong.
    pub code: ErrorCode,
    /// One line for people.
    pub message: String,
    /// Facts for programs, absent if there are none.
    pub detail: Option<Value>,
}

impl ApiError {
    /// The error with the code's own message and no detail.
    pub fn new(code: ErrorCode) -> Self {
        Self::with_message(code, code.message())
    }

    /// The error with a better message than the code's own.
    pub fn with_message(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), detail: None }
    }

    /// The same error with facts for programs.
    #[must_use]
    pub fn with_detail(self, detail: Value) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// The status of the answer.
    pub const fn status(&self) -> StatusCode {
        self.code.status()
    }

    /// The body of the answer, `{"errors":[{"code","message","detail"}]}` (distribution-spec, "Error Codes").
    pub fn to_json(&self) -> Vec<u8> {
        let mut error = json!({ "code": self.code.as_str(), "message": self.message });
        if let Some(detail) = &self.detail {
            error["detail"] = detail.clone();
        }
        json!({ "errors": [error] }).to_string().into_bytes()
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spec_codes_have_the_statuses_of_the_spec() {
        let table = [
            (ErrorCode::BlobUnknown, "BLOB_UNKNOWN", 404),
            (ErrorCode::BlobUploadInvalid, "BLOB_UPLOAD_INVALID", 400),
            (ErrorCode::BlobUploadUnknown, "BLOB_UPLOAD_UNKNOWN", 404),
            (ErrorCode::DigestInvalid, "DIGEST_INVALID", 400),
            (ErrorCode::ManifestBlobUnknown, "MANIFEST_BLOB_UNKNOWN", 404),
            (ErrorCode::ManifestInvalid, "MANIFEST_INVALID", 400),
            (ErrorCode::ManifestUnknown, "MANIFEST_UNKNOWN", 404),
            (ErrorCode::NameInvalid, "NAME_INVALID", 400),
            (ErrorCode::NameUnknown, "NAME_UNKNOWN", 404),
            (ErrorCode::SizeInvalid, "SIZE_INVALID", 400),
            (ErrorCode::Unauthorized, "UNAUTHORIZED", 401),
            (ErrorCode::Denied, "DENIED", 403),
            (ErrorCode::Unsupported, "UNSUPPORTED", 405),
            (ErrorCode::TooManyRequests, "TOOMANYREQUESTS", 429),
            (ErrorCode::RangeInvalid, "RANGE_INVALID", 416),
            (ErrorCode::ManifestTooLarge, "SIZE_INVALID", 413),
            (ErrorCode::BodyTooLarge, "UNSUPPORTED", 413),
            (ErrorCode::TooManyTags, "TAG_INVALID", 414),
            (ErrorCode::NotFound, "NOT_FOUND", 404),
            (ErrorCode::MethodNotAllowed, "UNSUPPORTED", 405),
        ];
        for (code, text, status) in table {
            assert_eq!((code.as_str(), code.status().as_u16()), (text, status), "{code:?}");
            assert_eq!(code.is_retryable(), code == ErrorCode::TooManyRequests, "{code:?}");
        }
        assert!(ErrorCode::Unavailable.is_retryable());
        assert!(!ErrorCode::Unknown.is_retryable());
    }

    #[test]
    fn body_has_the_shape_of_the_spec() {
        let error = ApiError::new(ErrorCode::BlobUnknown);
        let expected = r#"{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to the repository"}]}"#;
        assert_eq!(String::from_utf8(error.to_json()).unwrap(), expected);

        let error =
            ApiError::with_message(ErrorCode::TagInvalid, "no \"tag\"").with_detail(json!({ "max": 30 }));
        let body: Value = serde_json::from_slice(&error.to_json()).unwrap();
        let expected = json!({ "code": "TAG_INVALID", "message": "no \"tag\"", "detail": { "max": 30 } });
        assert_eq!(body, json!({ "errors": [expected] }));
    }
}
