//! Building answers.

use berth_audit::ProjectRef;
use berth_http::{Body, whole_body};
use berth_projects::Project;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LINK, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde::Serialize;

use crate::failure::Failure;
use crate::query::{Found, links};
use crate::request::Asked;

/// What a handler comes to.
pub(crate) type Outcome = Result<Answer, Failure>;

pub(crate) const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// An answer in the making, and what the audit log shall know of it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What it is about: a name, or a number.
    pub(crate) resource: Option<String>,
    /// The project, if the route does not say.
    pub(crate) project: Option<ProjectRef>,
    pub(crate) description: Option<String>,
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        Ok(answer)
    }
}

impl Answer {
    pub(crate) fn new(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            resource: None,
            project: None,
            description: None,
        }
    }

    /// 200, with nothing in it.
    pub(crate) fn ok() -> Self {
        Self::new(StatusCode::OK)
    }

    /// 200, with this document.
    pub(crate) fn of(value: &impl Serialize) -> Self {
        Self::ok().json(value)
    }

    /// 201: the thing is at the path of the request, with its number or name behind it.
    pub(crate) fn created(asked: &Asked, name: impl std::fmt::Display) -> Self {
        let location = format!("{}/{name}", asked.path().trim_end_matches('/'));
        Self::new(StatusCode::CREATED).header(LOCATION, &location)
    }

    /// One page of a listing, with the headers that lead to the others.
    pub(crate) fn page<T, D: Serialize>(asked: &Asked, found: &Found<T>, items: &[D]) -> Self {
        let answer = Self::of(&items).header(TOTAL_COUNT, &found.total.to_string());
        match links(asked, found) {
            Some(links) => answer.header(LINK, &links),
            None => answer,
        }
    }

    pub(crate) fn json(mut self, value: &impl Serialize) -> Self {
        // Serializing fails for maps with other keys than texts alone; nothing here has one.
        self.body = serde_json::to_vec(value).unwrap_or_default().into();
        self.headers.insert(CONTENT_TYPE, JSON);
        self
    }

    pub(crate) fn text(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self
    }

    /// A header; one whose value cannot be one is left out.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// It holds a secret: nobody on the way may keep it.
    pub(crate) fn secret(self) -> Self {
        self.header(CACHE_CONTROL, "no-store")
    }

    pub(crate) fn about(mut self, resource: impl std::fmt::Display) -> Self {
        self.resource = Some(resource.to_string());
        self
    }

    pub(crate) fn in_project(mut self, project: &Project) -> Self {
        self.project = Some(ProjectRef { id: project.id, name: project.name.to_string() });
        self
    }

    pub(crate) fn saying(mut self, description: impl std::fmt::Display) -> Self {
        self.description = Some(description.to_string());
        self
    }

    pub(crate) fn build(self) -> Response<Body> {
        let mut response = Response::new(whole_body(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
