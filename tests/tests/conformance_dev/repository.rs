//! A repository of the registry under test, and the requests that end in one answer.

use berth_tests::{Berth, Mode};
use reqwest::blocking::{Body, Client};
use reqwest::{Method, Url};

use crate::answer::Answer;

pub(crate) const OCTET_STREAM: &str = "application/octet-stream";
const ACCEPTED_MANIFESTS: &str =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json";

/// A repository that one test has for itself.
pub(crate) struct Repository {
    berth: &'static Berth,
    client: &'static Client,
    name: String,
}

impl Repository {
    pub(crate) fn new(mode: Mode, name: &str) -> Self {
        let berth = Berth::shared(mode);
        Self { berth, client: berth.client(), name: format!("conformance/{}", name.replace('_', "-")) }
    }

    /// Another one on the same registry.
    pub(crate) fn neighbour(&self) -> Self {
        Self { berth: self.berth, client: self.client, name: format!("{}/neighbour", self.name) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The URL of what `rest` names in this repository.
    pub(crate) fn url(&self, rest: &str) -> Url {
        let url = self.berth.url(&format!("/v2/{}/{rest}", self.name));
        Url::parse(&url).expect("names and digests need no escape")
    }

    /// One request, redirects followed.
    pub(crate) fn send(
        &self,
        method: Method,
        url: &Url,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let asked = format!("{method} {url} {headers:?}");
        let request = self.client.request(method, url.clone()).body(body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response =
            request.send().unwrap_or_else(|error| panic!("{asked}: {error}\n{}", self.berth.log_tail()));
        Answer::read(asked, response)
    }

    pub(crate) fn get(&self, rest: &str) -> Answer {
        self.get_url(&self.url(rest))
    }

    pub(crate) fn get_url(&self, url: &Url) -> Answer {
        self.send(Method::GET, url, &[("accept", ACCEPTED_MANIFESTS)], "")
    }

    pub(crate) fn get_range(&self, rest: &str, range: &str) -> Answer {
        self.send(Method::GET, &self.url(rest), &[("range", range)], "")
    }

    pub(crate) fn head(&self, rest: &str) -> Answer {
        self.send(Method::HEAD, &self.url(rest), &[("accept", ACCEPTED_MANIFESTS)], "")
    }

    pub(crate) fn delete(&self, rest: &str) -> Answer {
        self.send(Method::DELETE, &self.url(rest), &[], "")
    }

    /// Deletes what is there, and it is gone at once.
    #[track_caller]
    pub(crate) fn delete_at_once(&self, rest: &str) {
        self.delete(rest).is(202);
        self.head(rest).is(404);
    }

    /// `tags` are given as `?tag=`, as many as there are.
    pub(crate) fn put_manifest(
        &self,
        reference: &str,
        media_type: &str,
        body: &[u8],
        tags: &[&str],
    ) -> Answer {
        let mut url = self.url(&format!("manifests/{reference}"));
        if !tags.is_empty() {
            url.query_pairs_mut().extend_pairs(tags.iter().map(|tag| ("tag", tag)));
        }
        self.send(Method::PUT, &url, &[("content-type", media_type)], body.to_vec())
    }
}
