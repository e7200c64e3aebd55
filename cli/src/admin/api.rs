//! Harbor's REST API, `/api/v2.0`.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header};
use reqwest::Response;
use serde_json::Value;

use crate::error::Error;
use crate::registry::{Answer, Call, Credentials, Failure, Payload, Registry};

/// As many as Harbor gives at most.
const PAGE_ITEMS: usize = 100;
/// A hundred items are far smaller.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;
/// With it, a project whose name is a number is not taken for the project with that number.
const IS_NAME: HeaderName = HeaderName::from_static("x-is-resource-name");
const TOTAL: HeaderName = HeaderName::from_static("x-total-count");

/// The API of one registry.
pub(super) struct Api {
    registry: Registry,
    credentials: Option<Credentials>,
}

impl Api {
    /// The API with these credentials, which are sent as Basic.
    pub(super) fn new(registry: Registry, credentials: Option<Credentials>) -> Self {
        Self { registry: registry.with_basic(), credentials }
    }

    /// The name that we sign in with.
    pub(super) fn username(&self) -> Option<&str> {
        self.credentials.as_ref().map(Credentials::username)
    }

    /// The password of `username`, if that is who we are.
    pub(super) fn password_of(&self, username: &str) -> Option<&str> {
        let own = self.credentials.as_ref().filter(|own| own.username() == username);
        own.map(Credentials::password)
    }

    /// One thing. A path is given in segments, which are encoded here.
    pub(super) async fn get(&self, path: &[&str]) -> Result<Value, Error> {
        let call = self.call(Method::GET, path, None)?;
        let answer = self.send(&call).await?;
        self.json(answer).await
    }

    /// Everything that a list has, page by page.
    pub(super) async fn list(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Vec<Value>, Error> {
        let mut items = Vec::new();
        for page in 1_u64.. {
            let mut call = self.call(Method::GET, path, None)?;
            let (page, size) = (page.to_string(), PAGE_ITEMS.to_string());
            let paging = [("page", page.as_str()), ("page_size", size.as_str())];
            call.url.query_pairs_mut().extend_pairs(query).extend_pairs(paging);
            let answer = self.send(&call).await?;
            let total =
                answer.headers().get(TOTAL).and_then(|total| total.to_str().ok()?.parse::<usize>().ok());
            let Value::Array(found) = self.json(answer).await? else { return Err(self.strange("no list")) };
            let count = found.len();
            items.extend(found);
            let is_last = total.map_or(count < PAGE_ITEMS, |total| items.len() >= total);
            if count == 0 || is_last {
                break;
            }
        }
        Ok(items)
    }

    /// A text that comes in parts, as long as there is a `Link` to the next one.
    pub(super) async fn parts(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        mut write: impl FnMut(&str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut before: Option<String> = None;
        loop {
            let mut call = self.call(Method::GET, path, None)?;
            // Without pairs the URL must not end in a question mark.
            if !query.is_empty() || before.is_some() {
                let before = before.iter().map(|before| ("before", before.as_str()));
                call.url.query_pairs_mut().extend_pairs(query).extend_pairs(before);
            }
            let answer = self.send(&call).await?;
            let link = answer.headers().get(header::LINK).and_then(|link| link.to_str().ok());
            let next = link.and_then(next_part);
            let body = self.registry.receive(answer, MAX_BODY_BYTES).await?;
            let body = body.ok_or_else(|| self.strange("too much"))?;
            write(&String::from_utf8_lossy(&body))?;
            match next {
                Some(next) if Some(&next) != before.as_ref() => before = Some(next),
                _ => return Ok(()),
            }
        }
    }

    /// Makes something. Not tried again: it may be there although the answer was lost.
    pub(super) async fn post(&self, path: &[&str], body: &Value) -> Result<Value, Error> {
        let call = self.call(Method::POST, path, Some(body))?;
        let answer = self.send_once(&call).await?;
        self.json(answer).await
    }

    /// Changes something to what is given.
    pub(super) async fn put(&self, path: &[&str], body: &Value) -> Result<(), Error> {
        let call = self.call(Method::PUT, path, Some(body))?;
        self.send(&call).await.map(|_| ())
    }

    /// Changes something. Not tried again.
    pub(super) async fn patch(&self, path: &[&str], body: &Value) -> Result<Value, Error> {
        let call = self.call(Method::PATCH, path, Some(body))?;
        let answer = self.send_once(&call).await?;
        self.json(answer).await
    }

    /// Deletes something. Not tried again: it would not be found any more.
    pub(super) async fn delete(&self, path: &[&str]) -> Result<(), Error> {
        let call = self.call(Method::DELETE, path, None)?;
        self.send_once(&call).await.map(|_| ())
    }

    fn call(&self, method: Method, path: &[&str], body: Option<&Value>) -> Result<Call, Error> {
        let mut call = self.registry.call(method, "/api/v2.0", None)?;
        if let Ok(mut segments) = call.url.path_segments_mut() {
            segments.extend(path);
        }
        call.headers.insert(IS_NAME, HeaderValue::from_static("true"));
        call.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(body) = body {
            call.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            call.payload = Payload::Bytes(Bytes::from(body.to_string()));
        }
        Ok(call)
    }

    async fn send(&self, call: &Call) -> Result<Response, Error> {
        self.accept(self.registry.send(call).await).await
    }

    async fn send_once(&self, call: &Call) -> Result<Response, Error> {
        self.accept(self.registry.send_once(call).await).await
    }

    async fn accept(&self, answer: Result<Response, Failure>) -> Result<Response, Error> {
        let failure = match answer {
            Ok(answer) if answer.status().is_success() => return Ok(answer),
            Ok(answer) => self.registry.refusal("the request", answer).await,
            Err(failure) => failure,
        };
        Err(match failure {
            Failure::Answer(answer) => self.refusal(*answer),
            failure => failure.into(),
        })
    }

    fn refusal(&self, answer: Answer) -> Error {
        let code = answer.code.unwrap_or_else(|| answer.status.to_string());
        let message = answer.message.unwrap_or_else(|| format!("{} gave no reason", answer.host));
        let hint = match answer.status {
            http::StatusCode::UNAUTHORIZED => {
                format!(
                    ". Sign in with `berth login {}`, or give --username and --password-stdin",
                    self.registry.origin().host()
                )
            }
            _ => String::new(),
        };
        Error::Api { code, message: message + &hint }
    }

    /// The body; null if there is none.
    async fn json(&self, answer: Response) -> Result<Value, Error> {
        let body = self.registry.receive(answer, MAX_BODY_BYTES).await?;
        let body = body.ok_or_else(|| self.strange("too much"))?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|_| self.strange("no JSON"))
    }

    fn strange(&self, what: &str) -> Error {
        let message = format!("{} answered {what}; does it have Harbor's API?", self.registry.origin());
        Error::Api { code: "UNEXPECTED".to_owned(), message }
    }
}

/// Where the next part begins, by the parameter `before` of a link (RFC 8288).
fn next_part(link: &str) -> Option<String> {
    let (target, _) = link.trim().strip_prefix('<')?.split_once('>')?;
    let (_, query) = target.split_once('?')?;
    let pair = query.split('&').find_map(|pair| pair.strip_prefix("before="))?;
    pair.bytes().all(|byte| byte.is_ascii_digit()).then(|| pair.to_owned())
}

/// The number in a field of what the API gave, as text for a path.
pub(super) fn number(item: &Value, field: &str) -> Result<String, Error> {
    item[field].as_u64().map(|number| number.to_string()).ok_or_else(|| Error::Api {
        code: "UNEXPECTED".to_owned(),
        message: format!("the registry answered without {field}; does it have Harbor's API?"),
    })
}

/// That something is not there, in the API's own manner.
pub(super) fn absent(what: &str) -> Error {
    Error::Api { code: "NOT_FOUND".to_owned(), message: format!("there is no {what}") }
}

#[cfg(test)]
mod tests;
