use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Page, Request};

/// What stays as it is in a query value: RFC 3986's unreserved characters, the colon of digests and the slash
/// of names.
const VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'/');

impl Request {
    /// The method of the request.
    pub const fn method(&self) -> Method {
        match self {
            Self::HeadBlob { .. } | Self::HeadManifest { .. } => Method::HEAD,
            Self::StartUpload { .. } => Method::POST,
            Self::PatchUpload { .. } => Method::PATCH,
            Self::PutManifest { .. } | Self::PutUpload { .. } => Method::PUT,
            Self::DeleteBlob { .. } | Self::DeleteManifest { .. } | Self::CancelUpload { .. } => {
                Method::DELETE
            }
            Self::Base
            | Self::GetBlob { .. }
            | Self::GetManifest { .. }
            | Self::GetUpload { .. }
            | Self::ListTags { .. }
            | Self::ListReferrers { .. }
            | Self::Catalog { .. }
            | Self::ExtDiscover => Method::GET,
        }
    }

    /// Path and query of the request, percent-encoded: what `Location` and `Link` carry, and what
    /// [`parse`](crate::parse()) reads back to an equal request.
    pub fn url(&self) -> String {
        let mut url = self.path();
        for (index, (key, value)) in self.parameters().into_iter().enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            url.push_str(key);
            url.push('=');
            url.extend(utf8_percent_encode(&value, VALUE));
        }
        url
    }

    fn path(&self) -> String {
        match self {
            Self::Base => "/v2/".to_owned(),
            Self::GetBlob { name, digest }
            | Self::HeadBlob { name, digest }
            | Self::DeleteBlob { name, digest } => {
                format!("/v2/{name}/blobs/{digest}")
            }
            Self::GetManifest { name, reference }
            | Self::HeadManifest { name, reference }
            | Self::PutManifest { name, reference, .. }
            | Self::DeleteManifest { name, reference } => format!("/v2/{name}/manifests/{reference}"),
            Self::StartUpload { name, .. } => format!("/v2/{name}/blobs/uploads/"),
            Self::PatchUpload { name, session }
            | Self::PutUpload { name, session, .. }
            | Self::GetUpload { name, session }
            | Self::CancelUpload { name, session } => format!("/v2/{name}/blobs/uploads/{session}"),
            Self::ListTags { name, .. } => format!("/v2/{name}/tags/list"),
            Self::ListReferrers { name, digest, .. } => format!("/v2/{name}/referrers/{digest}"),
            Self::Catalog { .. } => "/v2/_catalog".to_owned(),
            Self::ExtDiscover => "/v2/_oci/ext/discover".to_owned(),
        }
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::PutManifest { tags, .. } => tags.iter().map(|tag| ("tag", tag.to_string())).collect(),
            Self::StartUpload { digest, mount, from, algorithm, .. } => present([
                ("digest", digest.as_ref().map(ToString::to_string)),
                ("mount", mount.as_ref().map(ToString::to_string)),
                ("from", from.as_ref().map(ToString::to_string)),
                ("digest-algorithm", algorithm.map(|algorithm| algorithm.to_string())),
            ]),
            Self::PutUpload { digest, .. } => present([("digest", digest.as_ref().map(ToString::to_string))]),
            Self::ListReferrers { artifact_type, page, .. } => {
                let mut parameters = present([("artifactType", artifact_type.clone())]);
                parameters.extend(page_parameters(page));
                parameters
            }
            Self::ListTags { page, .. } | Self::Catalog { page } => page_parameters(page),
            _ => Vec::new(),
        }
    }
}

fn page_parameters(page: &Page) -> Vec<(&'static str, String)> {
    present([("n", page.n.map(|n| n.to_string())), ("last", page.last.clone())])
}

fn present<const N: usize>(parameters: [(&'static str, Option<String>); N]) -> Vec<(&'static str, String)> {
    parameters.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}
