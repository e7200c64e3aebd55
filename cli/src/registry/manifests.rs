//! Manifests.

use berth_protocol::headers::DOCKER_CONTENT_DIGEST;
use berth_protocol::{Digest, MediaType, Reference, RepositoryName, Request};
use bytes::Bytes;
use http::{HeaderValue, Method, header};

use super::{Failure, Payload, Registry};

impl Registry {
    /// Puts a manifest whose blobs and children are there. Doing it twice is doing it once.
    pub(crate) async fn push_manifest(
        &self,
        name: &RepositoryName,
        reference: &Reference,
        media_type: &MediaType,
        body: Bytes,
    ) -> Result<(), Failure> {
        let digest = Digest::sha256(&body);
        let request =
            Request::PutManifest { name: name.clone(), reference: reference.clone(), tags: Vec::new() };
        let mut call = self.call(Method::PUT, &request.url(), Some(name))?;
        if let Ok(media_type) = HeaderValue::from_str(media_type.as_str()) {
            call.headers.insert(header::CONTENT_TYPE, media_type);
        }
        call.payload = Payload::Bytes(body);
        let answer = self.send(&call).await?;
        if !answer.status().is_success() {
            return Err(self.refusal(format!("the manifest {reference}"), answer).await);
        }
        match answer.headers().get(&DOCKER_CONTENT_DIGEST).and_then(|found| found.to_str().ok()) {
            Some(found) if found.starts_with("sha256:") && found != digest.to_string() => {
                Err(Failure::Altered { expected: digest, found: found.to_owned() })
            }
            _ => Ok(()),
        }
    }
}
