//! Which requests the witness is told of, and what.
//!
//! What counts: a manifest that was handed out (GET with 200; a HEAD and a 304 hand out nothing), a manifest that was pushed or
//! not, a delete that worked or not, a refusal (403) of whatever kind, and a sign-in. Not a challenge (401 without a password), which
//! is the ordinary way to a token, and not a failure of nobody in particular: whoever has not signed in fills no log.

use std::sync::{Arc, OnceLock};

use berth_protocol::{Digest, Request, headers};
use berth_registry::{
    Caller, Credentials, Deed, Happening, MAX_USER_AGENT_CHARS, RepositoryAction, Target, TokenRequest,
};
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, Response, StatusCode, request};

use crate::answer::Body;
use crate::service::{Inner, Viewer};

/// What becomes known of a request on its way, for the witness.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    pub(crate) caller: OnceLock<Caller>,
    /// The project that he was let into.
    pub(crate) project: Arc<OnceLock<u64>>,
}

impl Inner {
    /// Tells the witness, if there is one and it counts.
    pub(crate) fn tell(&self, happening: impl FnOnce() -> Option<Happening>) {
        if let Some(witness) = &self.witness
            && let Some(happening) = happening()
        {
            witness.note(happening);
        }
    }

    /// A request that ended before its caller was known is an attempt to sign in; so is one to the base endpoint.
    pub(crate) fn happening(
        &self,
        request: &Request,
        parts: &request::Parts,
        scene: &Scene,
        response: &Response<Body>,
        id: &str,
    ) -> Option<Happening> {
        match scene.caller.get() {
            Some(caller) if !matches!(request, Request::Base) => {
                of_request(request, parts, caller, scene.project.get().copied(), response, id)
            }
            _ => {
                self.sign_in.as_ref()?;
                Attempt::of_basic(&parts.headers, request)?.ended(parts, response.status(), id)
            }
        }
    }
}

/// Somebody who gives a name and a password, so that the outcome counts.
#[derive(Debug)]
pub(crate) struct Attempt {
    username: String,
    /// Whether success counts too. A client that gets a token for a scope signs in again and again, and only a failure tells
    /// anything.
    is_login: bool,
}

impl Attempt {
    /// That of a request to the token service. Without a scope it is what `docker login` does.
    pub(crate) fn of_token(wanted: &TokenRequest) -> Option<Self> {
        let credentials = wanted.credentials.as_ref()?;
        Some(Self { username: credentials.user.clone(), is_login: wanted.scopes.is_empty() })
    }

    /// That of an exchange, which is a login as this robot.
    pub(crate) fn of_exchange(username: String) -> Self {
        Self { username, is_login: true }
    }

    /// That of a request with Basic credentials. At the base endpoint it is a login.
    fn of_basic(headers: &HeaderMap, request: &Request) -> Option<Self> {
        let credentials = Credentials::from_basic(headers.get(AUTHORIZATION)?.to_str().ok()?)?;
        Some(Self { username: credentials.user, is_login: matches!(request, Request::Base) })
    }

    /// What the witness is told, if this outcome counts.
    pub(crate) fn ended(self, parts: &request::Parts, status: StatusCode, id: &str) -> Option<Happening> {
        let is_refused = [StatusCode::UNAUTHORIZED, StatusCode::TOO_MANY_REQUESTS].contains(&status);
        let counts = is_refused || (self.is_login && status.is_success());
        counts.then(|| happening(parts, status, id, Some(self.username), Deed::SignIn))
    }
}

/// What the witness is told of a request by `caller` that is answered so, if it counts. `project` is the one that the caller was let
/// into.
fn of_request(
    request: &Request,
    parts: &request::Parts,
    caller: &Caller,
    project: Option<u64>,
    response: &Response<Body>,
    id: &str,
) -> Option<Happening> {
    let status = response.status();
    let username = name(caller);
    if !counts(request, status) || (status.as_u16() >= 400 && username.is_none()) {
        return None;
    }
    let repository = request.name()?.clone();
    let project = project.or_else(|| granted(caller, request));
    let (action, target) = (action(request), target(request, response.headers()));
    let deed = Deed::In { repository, project, action, target };
    Some(happening(parts, status, id, username.map(str::to_owned), deed))
}

fn counts(request: &Request, status: StatusCode) -> bool {
    match request {
        _ if status == StatusCode::FORBIDDEN => true,
        Request::GetManifest { .. } => status == StatusCode::OK,
        Request::PutManifest { .. } | Request::DeleteManifest { .. } | Request::DeleteBlob { .. } => {
            status != StatusCode::UNAUTHORIZED
        }
        _ => false,
    }
}

fn action(request: &Request) -> RepositoryAction {
    match request {
        Request::DeleteManifest { .. } | Request::DeleteBlob { .. } => RepositoryAction::Delete,
        Request::PutManifest { .. }
        | Request::StartUpload { .. }
        | Request::PatchUpload { .. }
        | Request::PutUpload { .. }
        | Request::GetUpload { .. }
        | Request::CancelUpload { .. } => RepositoryAction::Push,
        Request::GetManifest { .. }
        | Request::HeadManifest { .. }
        | Request::GetBlob { .. }
        | Request::HeadBlob { .. }
        | Request::ListTags { .. }
        | Request::ListReferrers { .. }
        | Request::Base
        | Request::Catalog { .. }
        | Request::ExtDiscover => RepositoryAction::Pull,
    }
}

fn target(request: &Request, answered: &HeaderMap) -> Target {
    let (reference, tags) = match request {
        Request::PutManifest { reference, tags, .. } => (reference, tags.clone()),
        Request::GetManifest { reference, .. }
        | Request::HeadManifest { reference, .. }
        | Request::DeleteManifest { reference, .. } => (reference, Vec::new()),
        Request::GetBlob { digest, .. }
        | Request::HeadBlob { digest, .. }
        | Request::DeleteBlob { digest, .. } => {
            return Target::Blob(digest.clone());
        }
        _ => return Target::Any,
    };
    let digest = answered.get(headers::DOCKER_CONTENT_DIGEST).and_then(|value| value.to_str().ok());
    let digest = digest.and_then(|digest| digest.parse::<Digest>().ok());
    Target::Manifest { reference: reference.clone(), tags, digest }
}

fn name(caller: &Caller) -> Option<&str> {
    match caller {
        Caller::Anonymous => None,
        Caller::User { name } => Some(name),
        Caller::Holder(holder) => holder.name.as_deref(),
    }
}

/// What the caller's token says about the project. 0 says that there is none that he may see.
fn granted(caller: &Caller, request: &Request) -> Option<u64> {
    let Caller::Holder(holder) = caller else { return None };
    let grant = holder.grants.iter().find(|grant| Some(&grant.repository) == request.name())?;
    Some(grant.project).filter(|project| *project != 0)
}

fn happening(
    parts: &request::Parts,
    status: StatusCode,
    request_id: &str,
    username: Option<String>,
    deed: Deed,
) -> Happening {
    let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Happening {
        deed,
        username,
        address: parts.extensions.get::<Viewer>().map(|Viewer(address)| *address),
        user_agent: user_agent.map(|text| text.chars().take(MAX_USER_AGENT_CHARS).collect()),
        request_id: request_id.to_owned(),
        status: status.as_u16(),
    }
}
