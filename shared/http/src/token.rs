//! `GET` and `POST /token`: a bearer token for user and password (Docker token authentication).
//!
//! GET takes Basic credentials, POST a form with `grant_type=password`. `scope` and `service` are read by nobody yet: a
//! token says who its owner is, and each request is checked for what he may do.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_protocol::ErrorCode;
use berth_registry::sign_in::{SignIn, Token};
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::json;

use crate::answer::{Answer, Body};
use crate::failure::Failure;
use crate::payload::Payload;

/// A form of user, password and scopes fits many times.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// Whether `path` is the token service's. Both names are in use: docker's own, and Harbor's.
pub(crate) fn is_token_path(path: &str) -> bool {
    path == "/token" || path == "/service/token"
}

/// Answers one request to the token service.
pub(crate) async fn answer(sign_in: &dyn SignIn, request: Request<Body>) -> Result<Response<Body>, Failure> {
    let (parts, body) = request.into_parts();
    let credentials = match parts.method {
        Method::GET => basic(&parts.headers),
        Method::POST => form(Payload::new(&parts.headers, body)).await?,
        _ => return Err(Failure::new(ErrorCode::Unsupported)),
    };
    let Some((user, password)) = credentials else { return Err(Failure::new(ErrorCode::Unauthorized)) };
    match sign_in.token(&user, &password).await? {
        Some(token) => Ok(issued(&token)),
        None => Err(Failure::message(ErrorCode::Unauthorized, "wrong user name or password")),
    }
}

/// Clients read `token` or `access_token`, and take a token without `expires_in` for a minute. `issued_at` is left out: their
/// own clock then counts, which may differ from ours.
fn issued(token: &Token) -> Response<Body> {
    let body = json!({
        "token": token.text,
        "access_token": token.text,
        "expires_in": token.ttl_secs,
    });
    Answer::new(StatusCode::OK).header(CACHE_CONTROL, "no-store").json(&body).build()
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, pair) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let pair = scheme.eq_ignore_ascii_case("basic").then(|| base64_text(pair.trim()))??;
    let (user, password) = pair.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn base64_text(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

/// User and password of a form (RFC 6749, section 4.3); `Ok(None)` for a grant that is not offered.
async fn form(payload: Payload) -> Result<Option<(String, String)>, Failure> {
    let too_large = || Failure::message(ErrorCode::SizeInvalid, "the form is too large");
    let body = payload.collect(MAX_FORM_BYTES).await?.ok_or_else(too_large)?;
    let field = |name: &str| {
        let mut pairs = form_urlencoded::parse(&body);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    if field("grant_type").is_some_and(|grant| grant != "password") {
        return Ok(None);
    }
    Ok(field("username").zip(field("password")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::whole_body;

    #[tokio::test]
    async fn a_form_gives_user_and_password_decoded() {
        let read =
            async |text: &'static str| form(Payload::new(&HeaderMap::new(), whole_body(text))).await.unwrap();
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(
            read("grant_type=password&service=x&username=a%40b&password=p%26+q&scope=s").await,
            pair("a@b", "p& q")
        );
        assert_eq!(read("username=a&password=b").await, pair("a", "b"));
        assert_eq!(read("grant_type=refresh_token&refresh_token=x").await, None);
        assert_eq!(read("grant_type=password&username=a").await, None);
        assert_eq!(read("").await, None);
    }
}
