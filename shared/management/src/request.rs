//! What was asked for, taken apart but not yet believed.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::caller::Way;
use crate::failure::Failure;

/// More than any document of this API.
pub(crate) const MAX_BODY_BYTES: usize = 256 * 1024;

/// The name of a request: the client's own if it is a plain one, else ours.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// `true`: what stands for a thing in the path is its name, also if it looks like a number.
pub(crate) const IS_RESOURCE_NAME: HeaderName = HeaderName::from_static("x-is-resource-name");
/// `true`: the Location of a new thing ends in its name.
pub(crate) const RESOURCE_NAME_IN_LOCATION: HeaderName =
    HeaderName::from_static("x-resource-name-in-location");

/// A request whose route is known.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    /// By the names that the route gives them.
    pub(crate) parameters: Vec<(&'static str, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The caller's address, where the front tells it.
    pub(crate) address: Option<IpAddr>,
    /// By what the caller is known.
    pub(crate) way: Way,
}

impl Asked {
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// A part of the path, as the route names it.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }

    /// A part of the path that is a number.
    pub(crate) fn id(&self, name: &str) -> Result<u64, Failure> {
        let value = self.parameter(name);
        value
            .parse()
            .map_err(|_| Failure::unprocessable(format!("{name} in path must be of type int64: {value:?}")))
    }

    /// A part of the path that may have been encoded twice, so that no front takes the slashes in it for its own.
    pub(crate) fn twice_encoded(&self, name: &str) -> Cow<'_, str> {
        percent_decode_str(self.parameter(name)).decode_utf8_lossy()
    }

    /// The last value of a query parameter; one that is empty is not there.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(crate) fn query_number(&self, name: &str) -> Result<Option<i64>, Failure> {
        let number = |value: &str| {
            value.parse().map_err(|_| {
                Failure::unprocessable(format!("{name} in query must be of type int64: {value:?}"))
            })
        };
        self.query(name).map(number).transpose()
    }

    pub(crate) fn query_switch(&self, name: &str) -> Result<Option<bool>, Failure> {
        let switch = |value: &str| {
            switch(value).ok_or_else(|| {
                Failure::unprocessable(format!("{name} in query must be of type boolean: {value:?}"))
            })
        };
        self.query(name).map(switch).transpose()
    }

    /// A query parameter that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.query(name).ok_or_else(|| Failure::unprocessable(format!("{name} in query is required")))
    }

    pub(crate) fn has_switch(&self, name: &HeaderName) -> bool {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.and_then(switch) == Some(true)
    }

    /// The body as a form.
    pub(crate) fn form(&self) -> Result<Vec<(String, String)>, Failure> {
        if !self.is_of_type("application/x-www-form-urlencoded") {
            return Err(Failure::not_a_form());
        }
        Ok(form_urlencoded::parse(&self.body).into_owned().collect())
    }

    fn is_of_type(&self, wanted: &str) -> bool {
        let content_type =
            self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted)
    }

    /// The body as a document. A member that is `null` is one that is not there, as in Go: Harbor's clients send all that they could say.
    /// A page elsewhere that lets a browser send a form here cannot set the Content-Type that this asks for.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        if self.body.is_empty() {
            return Err(Failure::unprocessable("body in body is required"));
        }
        if !self.is_of_type("application/json") {
            return Err(Failure::not_json());
        }
        // The parser's words may quote the body, which may hold a secret: where it is wrong is enough.
        let mut document: Value = serde_json::from_slice(&self.body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Failure::bad_request(format!("the body is no JSON, at line {line}, column {column}"))
        })?;
        drop_nulls(&mut document);
        serde_path_to_error::deserialize(document).map_err(|error| {
            Failure::bad_request(match error.inner().to_string() {
                missing if missing.starts_with("missing field") => {
                    format!("the body does not fit: {missing}")
                }
                _ => format!("the body does not fit, at {}", error.path()),
            })
        })
    }
}

fn drop_nulls(document: &mut Value) {
    match document {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// What Go takes for a boolean.
fn switch(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str, content_type: Option<&'static str>, body: &'static str) -> Asked {
        let mut headers = HeaderMap::new();
        headers.extend(content_type.map(|value| (CONTENT_TYPE, value.parse().unwrap())));
        Asked {
            path: "/api/v2.0/x".to_owned(),
            parameters: vec![("repository_name", "a%2Fb".to_owned()), ("id", "7".to_owned())],
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers,
            body: Bytes::from_static(body.as_bytes()),
            address: None,
            way: Way::Nobody,
        }
    }

    #[test]
    fn a_name_with_slashes_is_decoded_a_second_time() {
        let asked = asked("", None, "");
        assert_eq!(asked.twice_encoded("repository_name"), "a/b");
        assert_eq!(asked.id("id").unwrap(), 7);
        assert_eq!(asked.id("repository_name").unwrap_err().status.as_u16(), 422);
    }

    #[test]
    fn the_last_of_several_values_counts() {
        let asked = asked("page=1&page=2&empty=&public=T&bad=x", None, "");
        assert_eq!(asked.query_number("page").unwrap(), Some(2));
        assert_eq!(asked.query("empty"), None);
        assert_eq!(asked.query_switch("public").unwrap(), Some(true));
        assert!(asked.query_switch("bad").is_err() && asked.query_number("bad").is_err());
        assert_eq!(asked.required("missing").unwrap_err().status.as_u16(), 422);
    }

    #[test]
    fn a_body_is_json_and_says_so() {
        let status = |content_type, body| {
            let read = asked("", content_type, body).json::<serde_json::Value>();
            read.map_or_else(|failure| failure.status.as_u16(), |_| 200)
        };
        assert_eq!(status(Some("application/json"), "{}"), 200);
        assert_eq!(status(Some("Application/JSON; charset=utf-8"), "{}"), 200);
        for form in
            [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/jsonp")]
        {
            assert_eq!(status(form, "{}"), 415, "{form:?}");
        }
        assert_eq!(status(Some("application/json"), "{"), 400);
        assert_eq!(status(Some("application/json"), ""), 422);
    }

    #[test]
    fn what_is_wrong_with_a_body_is_said_without_quoting_it() {
        #[derive(Debug, serde::Deserialize)]
        struct Secret {
            #[expect(dead_code, reason = "it is only read")]
            password: u64,
        }
        let asked = asked("", Some("application/json"), r#"{"password":"hunter2"}"#);
        assert_eq!(asked.json::<Secret>().unwrap_err().message, "the body does not fit, at password");
        let asked = self::asked("", Some("application/json"), "{}");
        let message = asked.json::<Secret>().unwrap_err().message;
        assert_eq!(message, "the body does not fit: missing field `password`");
    }

    #[test]
    fn null_is_not_there() {
        #[derive(Debug, serde::Deserialize)]
        struct Person {
            #[serde(default)]
            name: String,
            #[serde(default)]
            tags: Vec<Person>,
        }
        let asked = asked("", Some("application/json"), r#"{"name":null,"tags":[{"name":"a","tags":null}]}"#);
        let person: Person = asked.json().unwrap();
        assert_eq!((person.name.as_str(), person.tags[0].name.as_str()), ("", "a"));
    }
}
