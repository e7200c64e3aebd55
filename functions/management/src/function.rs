//! Which requests are answered, and with what.

use berth_function_registry::Administration;
use berth_http::{Body, error_answer};
use berth_protocol::{ApiError, ErrorCode};
use http::{Request, Response, Uri};

use crate::wiring::management;

/// What answers the requests of the function. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Function {
    administration: Option<Administration>,
}

impl Function {
    /// Administers these; `None` with open access.
    pub fn new(administration: Option<Administration>) -> Self {
        Self { administration }
    }

    /// Answers a request under the URL by which the viewer knows the registry: the function itself learns it from requests
    /// alone, since the distribution is made after it.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        match &self.administration {
            Some(administration) => {
                management(administration.clone(), external_url(request.uri())).answer(request).await
            }
            None => error_answer(&ApiError::with_message(
                ErrorCode::NotFound,
                "this registry is open to everybody: it has no users and projects, and so no management API",
            )),
        }
    }
}

fn external_url(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("https");
    let authority = uri.authority().map_or("", http::uri::Authority::as_str);
    format!("{scheme}://{authority}")
}
