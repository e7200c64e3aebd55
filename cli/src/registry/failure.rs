//! Why a request came to nothing.

use std::error::Error as StdError;
use std::fmt;

use berth_protocol::Digest;
use futures::TryStreamExt;
use http::StatusCode;
use reqwest::Response;
use serde::Deserialize;

use super::Origin;
use crate::content::ContentError;

/// More of an error's body is not read.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// Why a request came to nothing. Texts hold neither credentials nor signed paths.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{host} cannot be reached: {reason}")]
    Network { host: String, reason: String },
    /// Trying again would not help.
    #[error(
        "{host} cannot be trusted: {reason}; if it has a certificate of your own authority, name that in SSL_CERT_FILE"
    )]
    Certificate { host: String, reason: String },
    #[error("{host} took or sent nothing for minutes; the connection was given up")]
    Stalled { host: String },
    #[error("{0}")]
    Answer(Box<Answer>),
    #[error(transparent)]
    Content(#[from] ContentError),
    #[error("{host} asks for credentials in a way that is not known here: {challenge}")]
    Challenge { host: String, challenge: String },
    #[error(
        "{host} asks to send the credentials to {realm}, another host; that is not done. Log in with a tool of that service \
         and give the token as password, or ask the operator for a token service on the registry's own host"
    )]
    ForeignRealm { host: String, realm: String },
    #[error("{host} gave no token: {reason}")]
    Token { host: String, reason: String },
    #[error("credentials: {0}")]
    Credentials(String),
    #[error("{host} answered without a usable Location; is it a registry?")]
    BadUrl { host: String },
    #[error(
        "{digest} has {size} bytes, more than goes in one PUT, and the registry takes no chunks of it: make the layer \
         smaller, or let the operator add a gateway"
    )]
    TooLarge { digest: Digest, size: u64 },
    #[error("{expected} was sent and the registry has {found}")]
    Altered { expected: Digest, found: String },
    #[error("cannot set up TLS: {reason}; install the ca-certificates of this system or set SSL_CERT_FILE")]
    Client { reason: String },
}

/// An answer that says no.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What was asked for, in a few words.
    pub(crate) what: String,
    pub(crate) host: String,
    pub(crate) status: StatusCode,
    /// The first error of the body (distribution-spec, "Error Codes"), if there is one.
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) retry_after: Option<std::time::Duration>,
}

impl Failure {
    pub(super) fn of_request(origin: &Origin, error: reqwest::Error) -> Self {
        let error = error.without_url();
        let (host, reason) = (origin.to_string(), root_cause(&error));
        match content_error(&error) {
            Some(error) => Self::Content(error),
            // The type is rustls', which only reqwest depends on.
            None if reason.contains("peer certificate") => Self::Certificate { host, reason },
            None => Self::Network { host, reason },
        }
    }

    /// The refusal that `response` is.
    pub(super) async fn of_answer(what: impl Into<String>, origin: &Origin, response: Response) -> Self {
        let status = response.status();
        let retry_after = super::patience::retry_after(response.headers());
        let (code, message) = first_error(&read_start(response).await).unwrap_or_default();
        let host = origin.to_string();
        Self::Answer(Box::new(Answer { what: what.into(), host, status, code, message, retry_after }))
    }

    /// Whether the same may succeed later without anybody changing anything.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Network { .. } | Self::Stalled { .. } => true,
            Self::Answer(answer) => is_transient(answer.status),
            _ => false,
        }
    }

    /// Whether the fault is in what was to be sent.
    pub(crate) fn is_of_content(&self) -> bool {
        matches!(self, Self::Content(_))
    }

    pub(super) fn retry_after(&self) -> Option<std::time::Duration> {
        if let Self::Answer(answer) = self { answer.retry_after } else { None }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was answered {} by {}", self.what, self.status, self.host)?;
        for part in [&self.code, &self.message].into_iter().flatten() {
            write!(f, ": {part}")?;
        }
        match self.status {
            StatusCode::UNAUTHORIZED => f.write_str(
                ". Log in with `berth login` or `docker login`, give --username and --password-stdin, or set BERTH_USERNAME and BERTH_PASSWORD",
            ),
            _ => Ok(()),
        }
    }
}

pub(super) fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// The innermost cause: the outer ones only say that a request failed.
pub(super) fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// What our own side of the body said, if that is what ended the request.
fn content_error(error: &(dyn StdError + 'static)) -> Option<ContentError> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        match error.downcast_ref() {
            Some(ContentError::Damaged { expected, found }) => {
                return Some(ContentError::Damaged { expected: expected.clone(), found: found.clone() });
            }
            Some(ContentError::Read { what, source }) => {
                let source = std::io::Error::new(source.kind(), source.to_string());
                return Some(ContentError::Read { what: what.clone(), source });
            }
            None => cause = error.source(),
        }
    }
    None
}

#[derive(Deserialize)]
struct Body {
    errors: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    code: Option<String>,
    message: Option<String>,
}

fn first_error(body: &[u8]) -> Option<(Option<String>, Option<String>)> {
    let body: Body = serde_json::from_slice(body).ok()?;
    let first = body.errors.into_iter().next()?;
    let printable = |text: String| text.chars().filter(|character| !character.is_control()).collect();
    Some((first.code.map(printable), first.message.map(printable)))
}

/// The beginning of a body; what cannot be read is left out, for the status says more.
pub(super) async fn read_start(response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    let mut pieces = response.bytes_stream();
    let read = async {
        while let Ok(Some(piece)) = pieces.try_next().await {
            body.extend_from_slice(&piece);
            if body.len() > MAX_ERROR_BYTES {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(super::CONNECT_TIMEOUT, read).await;
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_of_a_body_is_read() {
        let body = br#"{"errors":[{"code":"DENIED","message":"no\u001b[31m","detail":{}},{"code":"X"}]}"#;
        assert_eq!(first_error(body), Some((Some("DENIED".to_owned()), Some("no[31m".to_owned()))));
        assert_eq!(first_error(br#"{"errors":[{}]}"#), Some((None, None)));
        for body in [&b""[..], b"<html>", b"{}", br#"{"errors":[]}"#] {
            assert_eq!(first_error(body), None);
        }
    }

    #[test]
    fn transient_statuses_are_those_of_busy_servers() {
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(is_transient(StatusCode::from_u16(status).unwrap()), "{status}");
        }
        for status in [200, 400, 401, 403, 404, 405, 413, 501, 507] {
            assert!(!is_transient(StatusCode::from_u16(status).unwrap()), "{status}");
        }
    }
}
