//! Blobs and images sent by plain requests, for tests that look at single answers.

use berth_tests::{Berth, sha256_digest};
use reqwest::Method;
use reqwest::blocking::{Body, Client, RequestBuilder, Response};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

pub(crate) const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// A registry and one of its repositories.
#[derive(Clone, Copy)]
pub(crate) struct Repository<'a> {
    pub(crate) berth: &'a Berth,
    pub(crate) name: &'a str,
    /// The `Authorization` header.
    pub(crate) credentials: Option<&'a str>,
}

impl<'a> Repository<'a> {
    pub(crate) fn new(berth: &'a Berth, name: &'a str) -> Self {
        Self { berth, name, credentials: None }
    }

    /// A request to `path` below the repository.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_to(method, &self.berth.url(&format!("/v2/{}/{path}", self.name)))
    }

    /// A request to an address that the registry gave.
    pub(crate) fn request_to(&self, method: Method, url: &str) -> RequestBuilder {
        let request = self.berth.client().request(method, url);
        match self.credentials {
            Some(credentials) => request.header(AUTHORIZATION, credentials),
            None => request,
        }
    }

    /// The address of a new upload.
    pub(crate) fn start_upload(&self) -> String {
        let answer = send(self.request(Method::POST, "blobs/uploads/").body(""));
        assert_eq!(answer.status(), 202, "{}", self.berth.log_tail());
        location(self.berth, &answer)
    }

    /// The PUT that ends an upload, with all of the blob.
    pub(crate) fn put(&self, upload: &str, digest: &str, body: impl Into<Body>) -> Response {
        send(self.request_to(Method::PUT, upload).query(&[("digest", digest)]).body(body))
    }

    /// Sends a blob by one PUT and gives its digest.
    pub(crate) fn push_blob(&self, blob: &[u8]) -> String {
        let digest = sha256_digest(blob);
        let answer = self.put(&self.start_upload(), &digest, blob.to_vec());
        assert_eq!(answer.status(), 201, "{}", self.berth.log_tail());
        digest
    }

    /// The status of a HEAD of the blob.
    pub(crate) fn blob_status(&self, digest: &str) -> u16 {
        send(self.request(Method::HEAD, &format!("blobs/{digest}"))).status().as_u16()
    }

    /// The blob; panics unless it is there.
    pub(crate) fn pull_blob(&self, digest: &str) -> Vec<u8> {
        let answer = send(self.request(Method::GET, &format!("blobs/{digest}")));
        assert_eq!(answer.status(), 200, "{digest}: {}", self.berth.log_tail());
        answer.bytes().expect("a body").to_vec()
    }

    /// Where a GET of the blob is sent on to.
    pub(crate) fn blob_link(&self, digest: &str) -> String {
        let client = Client::builder().redirect(Policy::none()).build().expect("a client can be made");
        let url = self.berth.url(&format!("/v2/{}/blobs/{digest}", self.name));
        let mut request = client.get(url);
        if let Some(credentials) = self.credentials {
            request = request.header(AUTHORIZATION, credentials);
        }
        let answer = send(request);
        assert_eq!(answer.status(), 307, "{}", self.berth.log_tail());
        location(self.berth, &answer)
    }

    /// Pushes an image of these layers, which are in the repository, and gives its digest.
    pub(crate) fn push_manifest(&self, tag: &str, layers: &[&[u8]]) -> String {
        let answer = self.put_manifest(tag, layers);
        assert_eq!(answer.status(), 201, "{}\n{}", answer.text().unwrap_or_default(), self.berth.log_tail());
        header(&answer, "docker-content-digest")
    }

    /// The same, whatever the answer is.
    pub(crate) fn put_manifest(&self, tag: &str, layers: &[&[u8]]) -> Response {
        let config = b"{}";
        self.push_blob(config);
        let layers: Vec<Value> = layers.iter().map(|layer| descriptor(LAYER, layer)).collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": IMAGE, "config": descriptor(CONFIG, config), "layers": layers,
        });
        let request = self.request(Method::PUT, &format!("manifests/{tag}")).header(CONTENT_TYPE, IMAGE);
        send(request.body(manifest.to_string()))
    }

    /// The manifest under a tag or digest; panics unless it is there.
    pub(crate) fn pull_manifest(&self, reference: &str) -> Value {
        let answer = send(self.request(Method::GET, &format!("manifests/{reference}")));
        assert_eq!(answer.status(), 200, "{reference}: {}", self.berth.log_tail());
        answer.json().expect("a manifest is JSON")
    }
}

pub(crate) fn send(request: RequestBuilder) -> Response {
    request.send().expect("the registry answers")
}

pub(crate) fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name).unwrap_or_else(|| panic!("no {name} in {answer:?}"));
    value.to_str().expect("a header is ASCII").to_owned()
}

/// The answer's location as an absolute URL.
pub(crate) fn location(berth: &Berth, answer: &Response) -> String {
    let location = header(answer, LOCATION.as_str());
    if location.starts_with('/') { berth.url(&location) } else { location }
}

/// Panics unless the answer is an error of this status and code, in the form of the specification; gives its message.
pub(crate) fn refused(answer: Response, status: u16, code: &str) -> String {
    let (found, text) = (answer.status().as_u16(), answer.text().expect("a body"));
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    let error = &body["errors"][0];
    assert_eq!((found, error["code"].as_str()), (status, Some(code)), "{text}");
    error["message"].as_str().unwrap_or_default().to_owned()
}

fn descriptor(media_type: &str, blob: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": sha256_digest(blob), "size": blob.len() })
}
