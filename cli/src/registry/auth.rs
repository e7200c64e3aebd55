//! What goes into `Authorization`: nothing until a registry asks, then Basic or a token.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_protocol::RepositoryName;
use http::{HeaderMap, HeaderValue, header};
use reqwest::{Client, Response, Url};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::challenge::Challenge;
use super::credentials::Credentials;
use super::{Failure, Origin, failure};
use crate::clock::now;

/// The lifetime of a token that does not tell it (token specification, `expires_in`), and the least that is believed.
const LEAST_LIFETIME: Duration = Duration::from_mins(1);
/// A token that ends so soon is not begun with.
const MARGIN: Duration = Duration::from_secs(15);

/// Credentials and the tokens that they gave, one for each repository.
pub(super) struct Auth {
    credentials: Option<Credentials>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    basic: Option<HeaderValue>,
    tokens: HashMap<Option<RepositoryName>, Token>,
}

struct Token {
    header: HeaderValue,
    expires: Instant,
}

impl State {
    fn known(&self, name: Option<&RepositoryName>) -> Option<HeaderValue> {
        let token = self.tokens.get(&name.cloned()).filter(|token| now() + MARGIN < token.expires);
        token.map(|token| token.header.clone()).or_else(|| self.basic.clone())
    }
}

impl Auth {
    pub(super) fn new(credentials: Option<Credentials>) -> Self {
        Self { credentials, state: Mutex::default() }
    }

    /// The same, with Basic before anything asks for it.
    pub(super) fn with_basic(mut self) -> Self {
        self.state.get_mut().basic = self.credentials.as_ref().and_then(Credentials::basic);
        self
    }

    /// The header that earlier answers asked for.
    pub(super) async fn known(&self, name: Option<&RepositoryName>) -> Option<HeaderValue> {
        self.state.lock().await.known(name)
    }

    /// The header that a 401 asks for, after a request with `used`; `None` if there is nothing better to offer.
    ///
    /// Requests that were refused at the same time ask for one token together: the first asks, the others find it.
    pub(super) async fn renew(
        &self,
        client: &Client,
        origin: &Origin,
        refusal: &HeaderMap,
        name: Option<&RepositoryName>,
        used: Option<HeaderValue>,
    ) -> Result<Option<HeaderValue>, Failure> {
        let mut state = self.state.lock().await;
        let known = state.known(name);
        if known.is_some() && known != used {
            return Ok(known);
        }
        match Challenge::read(refusal) {
            Some(Challenge::Basic) => {
                state.basic = self.credentials.as_ref().and_then(Credentials::basic);
                Ok(state.basic.clone().filter(|fresh| Some(fresh) != used.as_ref()))
            }
            Some(Challenge::Bearer { realm, service, scope }) => {
                let request = self.token_request(client, origin, &realm, service, scopes(name, scope))?;
                let token = receive_token(origin, request).await?;
                let header = token.header.clone();
                state.tokens.insert(name.cloned(), token);
                Ok(Some(header))
            }
            None => match refusal.get(header::WWW_AUTHENTICATE) {
                None => Ok(None),
                Some(challenge) => Err(Failure::Challenge {
                    host: origin.to_string(),
                    challenge: String::from_utf8_lossy(challenge.as_bytes()).into_owned(),
                }),
            },
        }
    }

    /// GET with Basic, or POST with an identity token as docker does it. Without credentials anybody may be asked; with
    /// them only the registry's own host.
    fn token_request(
        &self,
        client: &Client,
        origin: &Origin,
        realm: &str,
        service: Option<String>,
        scopes: Vec<String>,
    ) -> Result<reqwest::RequestBuilder, Failure> {
        let base = origin.url("/")?;
        let url: Url = origin.follow(&base, realm)?;
        if self.credentials.is_some() && !origin.is_of(&url) {
            let realm = url.host_str().unwrap_or(realm).to_owned();
            return Err(Failure::ForeignRealm { host: origin.to_string(), realm });
        }
        let mut fields: Vec<(&str, String)> =
            service.map(|service| ("service", service)).into_iter().collect();
        if let Some(token) = self.credentials.as_ref().and_then(Credentials::identity_token) {
            fields.extend([("grant_type", "refresh_token".to_owned()), ("refresh_token", token.to_owned())]);
            fields.extend([("client_id", "berth".to_owned()), ("scope", scopes.join(" "))]);
            let mut form = Url::parse("form:").map_err(|_| Failure::BadUrl { host: origin.to_string() })?;
            form.query_pairs_mut().extend_pairs(fields);
            let body = form.query().unwrap_or_default().to_owned();
            let request = client.post(url).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            return Ok(request.body(body));
        }
        fields.extend(scopes.into_iter().map(|scope| ("scope", scope)));
        let request = client.get(url).query(&fields);
        Ok(match self.credentials.as_ref().and_then(Credentials::basic) {
            Some(basic) => request.header(header::AUTHORIZATION, basic),
            None => request,
        })
    }
}

/// What a token is asked for: all that a push to the repository needs, so that one token serves it all, and what the
/// registry named.
fn scopes(name: Option<&RepositoryName>, named: Option<String>) -> Vec<String> {
    let mut scopes: Vec<String> =
        name.map(|name| format!("repository:{name}:pull,push")).into_iter().collect();
    scopes.extend(named.filter(|named| !name.is_some_and(|name| is_covered(named, name))));
    scopes
}

fn is_covered(scope: &str, name: &RepositoryName) -> bool {
    let actions = scope.strip_prefix("repository:").and_then(|rest| rest.strip_prefix(name.as_str()));
    let actions = actions.and_then(|rest| rest.strip_prefix(':'));
    actions.is_some_and(|actions| actions.split(',').all(|action| ["pull", "push"].contains(&action)))
}

#[derive(Deserialize)]
struct TokenBody {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

async fn receive_token(origin: &Origin, request: reqwest::RequestBuilder) -> Result<Token, Failure> {
    let began = now();
    let answer = tokio::time::timeout(super::STALL_TIMEOUT, request.send()).await;
    let answer: Response = answer
        .map_err(|_| Failure::Stalled { host: origin.to_string() })?
        .map_err(|error| Failure::of_request(origin, error))?;
    if !answer.status().is_success() {
        return Err(Failure::of_answer("the request for a token", origin, answer).await);
    }
    let body = failure::read_start(answer).await;
    let refused = |reason: &str| Failure::Token { host: origin.to_string(), reason: reason.to_owned() };
    let body: TokenBody =
        serde_json::from_slice(&body).map_err(|_| refused("its answer is no JSON with a token"))?;
    let token = body.token.or(body.access_token).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| refused("its answer has neither token nor access_token"))?;
    let lifetime = body.expires_in.map_or(LEAST_LIFETIME, Duration::from_secs).max(LEAST_LIFETIME);
    let header =
        secret_header(&format!("Bearer {token}")).ok_or_else(|| refused("its token fits no header"))?;
    // A lifetime beyond reason is as good as a day: it is asked again after a 401 anyway.
    Ok(Token { header, expires: began + lifetime.min(Duration::from_hours(24)) })
}

/// `Basic` for a name and a password.
pub(super) fn basic_header(username: &str, password: &str) -> Option<HeaderValue> {
    secret_header(&format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
}

/// A header that debug output hides.
fn secret_header(value: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(value).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Host;

    fn asked(credentials: Option<Credentials>, realm: &str) -> Result<reqwest::Request, Failure> {
        let origin = Origin::new(&Host::parse("localhost:5000").unwrap(), false);
        let auth = Auth::new(credentials);
        let scopes = vec!["repository:a:pull,push".to_owned()];
        let request = auth.token_request(&Client::new(), &origin, realm, Some("berth".to_owned()), scopes);
        request.map(|request| request.build().unwrap())
    }

    #[test]
    fn a_token_is_asked_for_with_basic() {
        let credentials = Credentials::of("ann".to_owned(), "secret".to_owned());
        let request = asked(Some(credentials), "http://localhost:5000/token?x=1").unwrap();
        let expected = "http://localhost:5000/token?x=1&service=berth&scope=repository%3Aa%3Apull%2Cpush";
        assert_eq!(request.url().as_str(), expected);
        let header = &request.headers()[header::AUTHORIZATION];
        assert_eq!(header, "Basic YW5uOnNlY3JldA==");
        assert!(!format!("{request:?}").contains("YW5u"), "debug output hides credentials");
    }

    #[test]
    fn credentials_stay_on_the_host_of_the_registry() {
        let credentials = || Some(Credentials::of("ann".to_owned(), "secret".to_owned()));
        for realm in
            ["http://localhost:5001/token", "https://auth.test/token", "http://localhost.evil.test:5000/t"]
        {
            assert!(matches!(asked(credentials(), realm), Err(Failure::ForeignRealm { .. })), "{realm}");
            assert!(asked(None, realm).unwrap().headers().get(header::AUTHORIZATION).is_none());
        }
    }

    #[test]
    fn an_identity_token_is_posted() {
        let credentials = Credentials::of("<token>".to_owned(), "a&b".to_owned());
        let request = asked(Some(credentials), "/token").unwrap();
        let body = String::from_utf8(request.body().unwrap().as_bytes().unwrap().to_vec()).unwrap();
        assert_eq!(request.method(), "POST");
        assert!(body.contains("refresh_token=a%26b") && body.contains("grant_type=refresh_token"), "{body}");
        assert!(request.headers().get(header::AUTHORIZATION).is_none());
    }

    #[test]
    fn one_token_serves_a_whole_push() {
        let name = RepositoryName::parse("a/b").unwrap();
        let own = "repository:a/b:pull,push".to_owned();
        let named = |scope: &str| scopes(Some(&name), Some(scope.to_owned()));
        assert_eq!(named("repository:a/b:pull"), std::slice::from_ref(&own));
        assert_eq!(named("repository:a/b:delete"), [own.clone(), "repository:a/b:delete".to_owned()]);
        assert_eq!(named("repository:a/bc:pull"), [own, "repository:a/bc:pull".to_owned()]);
        assert_eq!(scopes(None, Some("registry:catalog:*".to_owned())), ["registry:catalog:*"]);
    }
}
