//! Small HTTP requests to the few that a helper talks to.

use std::time::Duration;

use bytes::BytesMut;
use http::StatusCode;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Url};

use super::failure::Failure;

/// More than any answer that is of use.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
const TIMEOUT: Duration = Duration::from_secs(20);
/// The metadata services of AWS are beside us, or not there at all.
const NEAR_TIMEOUT: Duration = Duration::from_secs(1);

/// A client that follows nobody elsewhere: what it sends is secret.
pub(super) fn client() -> Result<Client, Failure> {
    build(Client::builder().timeout(TIMEOUT))
}

/// A client for what is beside us. No proxy can reach that.
pub(super) fn near_client() -> Result<Client, Failure> {
    build(Client::builder().timeout(NEAR_TIMEOUT).connect_timeout(NEAR_TIMEOUT).no_proxy())
}

fn build(builder: reqwest::ClientBuilder) -> Result<Client, Failure> {
    let client = builder.user_agent("docker-credential-berth").redirect(Policy::none()).build();
    client.map_err(|_| Failure::answer("this machine", "has no way to speak TLS"))
}

/// Status and body of the answer. What went wrong is told without the URL, whose query may be secret.
pub(super) async fn send(who: &str, request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), Failure> {
    let failed = |error: reqwest::Error| {
        let reason = if error.is_timeout() { "does not answer in time" } else { "cannot be reached" };
        Failure::answer(who, reason)
    };
    let mut answer = request.send().await.map_err(failed)?;
    let (status, mut body) = (answer.status(), BytesMut::new());
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(Failure::answer(who, "answers more than makes sense"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, body.to_vec()))
}

/// The body of an answer that must be 200.
pub(super) async fn read(who: &str, request: RequestBuilder) -> Result<Vec<u8>, Failure> {
    let (status, body) = send(who, request).await?;
    if status == StatusCode::OK { Ok(body) } else { Err(Failure::answer(who, format!("answers {status}"))) }
}

/// A URL that secrets may be sent to: HTTPS, or plain HTTP to this machine and to the addresses in `near`.
pub(super) fn url(name: &'static str, text: &str, near: &[&str]) -> Result<Url, Failure> {
    let url = Url::parse(text).map_err(|_| Failure::Setting { name, reason: "it is not a URL" })?;
    let host = url.host_str().unwrap_or_default();
    let is_near = ["127.0.0.1", "localhost", "[::1]"].contains(&host) || near.contains(&host);
    if url.scheme() == "https" || (url.scheme() == "http" && is_near) {
        return Ok(url);
    }
    Err(Failure::Setting { name, reason: "it must begin with https://" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_stay_here() {
        for (text, expected) in [
            ("https://token.example/x?y=z", true),
            ("http://127.0.0.1:9/x", true),
            ("http://localhost/x", true),
            ("http://169.254.170.23/v1/credentials", true),
            ("http://token.example/x", false),
            ("http://127.0.0.1.example/x", false),
            ("ftp://127.0.0.1/x", false),
            ("/x", false),
        ] {
            assert_eq!(url("X", text, &["169.254.170.23"]).is_ok(), expected, "{text}");
        }
    }
}
