//! `GET` and `POST /token`: a bearer token for whoever proves who he is, or for nobody in particular (Docker token
//! authentication); and the keys that tokens can be checked with.
//!
//! GET takes Basic credentials, POST a form with `grant_type=password`, or one that exchanges a proof (`exchange.rs`). Less may be
//! granted than was asked for: that is no error.

use berth_protocol::ErrorCode;
use berth_registry::{Credentials, Forbidden, SignIn, Token, TokenRequest, Visit};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, request};
use serde_json::json;

use crate::answer::{Answer, Body, whole_body};
use crate::exchange;
use crate::failure::Failure;
use crate::payload::Payload;

/// A form of user, password and scopes fits many times.
const MAX_FORM_BYTES: usize = 64 * 1024;
/// Where the keys are.
pub(crate) const KEY_SET_PATH: &str = "/.well-known/jwks.json";

/// Whether `path` is the token service's. Both names are in use: docker's own, and Harbor's.
pub(crate) fn is_token_path(path: &str) -> bool {
    path == "/token" || path == "/service/token"
}

/// What a request to the token service asks for.
pub(crate) enum Wanted {
    /// A token that gives access.
    Token(TokenRequest),
    /// Something for a proof from elsewhere.
    Exchange(Form),
}

/// Reads a request to the token service.
pub(crate) async fn read(parts: &request::Parts, body: Body) -> Result<Wanted, Failure> {
    let wanted = match parts.method {
        Method::GET => query(parts.uri.query().unwrap_or_default(), &parts.headers)?,
        Method::POST => {
            let form = Form::read(Payload::new(&parts.headers, body)).await?;
            if exchange::is_wanted(&form) {
                return Ok(Wanted::Exchange(form));
            }
            form.wanted()?
        }
        _ => return Err(Failure::new(ErrorCode::Unsupported)),
    };
    if wanted.credentials.is_none() && wanted.scopes.is_empty() {
        return Err(Failure::new(ErrorCode::Unauthorized));
    }
    Ok(Wanted::Token(wanted))
}

/// The answer to a request for the keys. They may be kept for a while: a key is shown before it is used.
pub(crate) fn key_set(sign_in: &dyn SignIn) -> Response<Body> {
    let mut answer = Response::new(whole_body(sign_in.key_set()));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    answer
}

/// A token for what is asked for, as an answer.
pub(crate) async fn issue(
    sign_in: &dyn SignIn,
    wanted: TokenRequest,
    visit: &Visit,
) -> Result<Response<Body>, Failure> {
    let scopes = wanted.scopes.join(" ");
    match sign_in.token(wanted, visit).await {
        Ok(token) => Ok(issued(&token, &scopes)),
        Err(Forbidden::Unauthenticated) => {
            Err(Failure::message(ErrorCode::Unauthorized, "wrong user name or password"))
        }
        Err(error) => Err(error.into()),
    }
}

/// Clients read `token` or `access_token`, and take a token without `expires_in` for a minute. `issued_at` is left out: their
/// own clock then counts, which may differ from ours.
fn issued(token: &Token, scope: &str) -> Response<Body> {
    let body = json!({
        "token": token.text,
        "access_token": token.text,
        "token_type": "Bearer",
        "scope": scope,
        "expires_in": token.ttl_secs,
    });
    Answer::new(StatusCode::OK).header(CACHE_CONTROL, "no-store").json(&body).build()
}

/// What a GET asks for. A header that holds no credentials is wrong, not absent.
fn query(query: &str, headers: &HeaderMap) -> Result<TokenRequest, Failure> {
    let credentials = match headers.get(AUTHORIZATION) {
        None => None,
        Some(header) => {
            let credentials = header.to_str().ok().and_then(Credentials::from_basic);
            Some(credentials.ok_or_else(|| Failure::new(ErrorCode::Unauthorized))?)
        }
    };
    Ok(TokenRequest { credentials, scopes: scopes(query.as_bytes()) })
}

/// A form as it was sent.
pub(crate) struct Form(Bytes);

impl Form {
    async fn read(payload: Payload) -> Result<Self, Failure> {
        let too_large = || Failure::message(ErrorCode::SizeInvalid, "the form is too large");
        Ok(Self(payload.collect(MAX_FORM_BYTES).await?.ok_or_else(too_large)?))
    }

    /// The first value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(&self.0);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// What it asks for (RFC 6749, section 4.3). Clients that are told of an unknown grant go on with GET.
    fn wanted(&self) -> Result<TokenRequest, Failure> {
        if self.field("grant_type").is_some_and(|grant| grant != "password") {
            let message = "only grant_type=password and the exchange of tokens are offered; use GET with Basic credentials";
            return Err(Failure::message(ErrorCode::Unauthorized, message));
        }
        let credentials = self
            .field("username")
            .zip(self.field("password"))
            .map(|(user, password)| Credentials { user, password });
        Ok(TokenRequest { credentials, scopes: scopes(&self.0) })
    }
}

/// Scopes come in fields of their own, in one field with spaces between them, or both.
fn scopes(pairs: &[u8]) -> Vec<String> {
    let values = form_urlencoded::parse(pairs).filter(|(name, _)| name == "scope");
    values.flat_map(|(_, value)| value.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_form_gives_user_and_password_decoded() {
        let read = async |text: &'static str| {
            let form = Form::read(Payload::new(&HeaderMap::new(), whole_body(text))).await;
            form.and_then(|form| form.wanted())
                .map(|wanted| (wanted.credentials.map(|pair| (pair.user, pair.password)), wanted.scopes))
                .ok()
        };
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        assert_eq!(
            read("grant_type=password&service=x&username=a%40b&password=p%26+q&scope=s+t").await.unwrap(),
            (pair("a@b", "p& q"), vec!["s".to_owned(), "t".to_owned()])
        );
        assert_eq!(read("username=a&password=b").await.unwrap(), (pair("a", "b"), vec![]));
        assert_eq!(read("grant_type=refresh_token&refresh_token=x").await, None);
        assert_eq!(read("grant_type=password&username=a").await.unwrap().0, None);
        assert_eq!(read("").await.unwrap().0, None);
    }

    #[test]
    fn scopes_are_repeated_or_joined() {
        let found = scopes(
            b"scope=repository:a/b:pull,push&service=x&scope=repository%3Ac%3Apull+registry:catalog:*",
        );
        assert_eq!(found, ["repository:a/b:pull,push", "repository:c:pull", "registry:catalog:*"]);
        assert!(scopes(b"scope=&scope=+").is_empty());
    }

    #[test]
    fn a_header_without_credentials_is_not_an_anonymous_request() {
        let headers = |value: &str| HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        assert_eq!(query("scope=x", &HeaderMap::new()).unwrap().credentials, None);
        assert_eq!(query("", &headers("Basic YTpi")).unwrap().credentials.unwrap().user, "a");
        for wrong in ["Basic ???", "Bearer x", ""] {
            assert!(query("scope=x", &headers(wrong)).is_err(), "{wrong}");
        }
    }
}
