//! An answer of the registry, read to its end.

use reqwest::Url;
use reqwest::blocking::Response;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// What came back, and what had been asked.
pub(crate) struct Answer {
    request: String,
    url: Url,
    status: u16,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn read(request: String, response: Response) -> Self {
        let (url, status, headers) =
            (response.url().clone(), response.status().as_u16(), response.headers().clone());
        let body = response.bytes().unwrap_or_else(|error| panic!("{request}: the body broke off: {error}"));
        Self { request, url, status, headers, body: body.to_vec() }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Panics unless the status is `expected`.
    #[track_caller]
    pub(crate) fn is(self, expected: u16) -> Self {
        self.status_in(&[expected])
    }

    /// Panics unless the status is one of `expected`.
    #[track_caller]
    pub(crate) fn status_in(self, expected: &[u16]) -> Self {
        let start = String::from_utf8_lossy(&self.body[..self.body.len().min(500)]);
        assert!(
            expected.contains(&self.status),
            "{}: {} instead of {expected:?}: {start}",
            self.request,
            self.status
        );
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("these headers are ASCII"))
    }

    /// All values of a header that may come several times or as a list.
    pub(crate) fn header_list(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).map(str::trim).collect()
    }

    /// Panics unless the header has exactly this value.
    #[track_caller]
    pub(crate) fn has(self, name: &str, expected: &str) -> Self {
        assert_eq!(self.header(name), Some(expected), "{}: header {name}", self.request);
        self
    }

    /// Panics unless the body is `expected` and the length says so.
    #[track_caller]
    pub(crate) fn has_body(self, expected: &[u8]) -> Self {
        assert!(self.body == expected, "{}: other content, {} bytes", self.request, self.body.len());
        self.has("content-length", &expected.len().to_string())
    }

    /// Panics unless it is the answer to a HEAD of `expected`.
    #[track_caller]
    pub(crate) fn has_length_of(self, expected: &[u8]) -> Self {
        assert!(self.body.is_empty(), "{}: a body", self.request);
        self.has("content-length", &expected.len().to_string())
    }

    /// Where to go on, as an absolute URL; panics when the answer does not say.
    #[track_caller]
    pub(crate) fn location(&self) -> Url {
        let location = self.header("location").unwrap_or_else(|| panic!("{}: no location", self.request));
        self.url
            .join(location)
            .unwrap_or_else(|error| panic!("{}: location {location}: {error}", self.request))
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error}", self.request))
    }

    /// Panics unless the body is an error in the form of the specification with this code.
    #[track_caller]
    pub(crate) fn has_error(self, code: &str) -> Self {
        let found = self.json()["errors"][0]["code"].clone();
        assert_eq!(found, code, "{}", self.request);
        self
    }
}
