//! Who asks, and by what he is known.

use berth_http::visit;
use berth_identity::cli_tokens::is_cli_token;
use berth_identity::sessions::{csrf_token, is_csrf_token};
use berth_projects::Principal;
use berth_registry::Credentials;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, request};

use crate::audit::refused_sign_in;
use crate::cookie::{SESSION, cookie};
use crate::failure::Failure;
use crate::route::Route;
use crate::world::World;

/// What a request that changes something must say besides the cookie, and what every answer to a session says.
pub(crate) const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-harbor-csrf-token");

/// By what somebody is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// By nothing.
    Nobody,
    /// By a secret that he sent along: a password, a robot's secret, a CLI secret.
    Secret,
    /// By a CLI token, which stands for him but is not him: it makes no other tokens and no passwords.
    CliToken,
    /// By the session of his browser.
    Session,
}

/// Who asks.
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    pub(crate) way: Way,
    /// The secret of the session.
    session: Option<String>,
}

impl Caller {
    /// Wrong credentials are never nobody in particular: a client whose password has changed must learn it. A session that has ended
    /// is: the browser sends its cookie by itself. Credentials go before the cookie.
    pub(crate) async fn of(world: &World, parts: &request::Parts) -> Result<Self, Failure> {
        if let Some(header) = parts.headers.get(AUTHORIZATION) {
            let credentials = header.to_str().ok().and_then(Credentials::from_basic);
            let credentials = credentials.ok_or_else(Failure::unauthorized)?;
            let visit = visit(parts);
            let signed_in = world.directory.enter(&credentials, &visit).await.map_err(|refusal| {
                let failure = Failure::from(refusal);
                refused_sign_in(world, &parts.headers, visit.address, &credentials.user, failure.status);
                failure
            })?;
            let principal = signed_in.principal;
            let way = if is_cli_token(&credentials.password) { Way::CliToken } else { Way::Secret };
            return Ok(Self { principal, way, session: None });
        }
        let nobody = Self { principal: Principal::Anonymous, way: Way::Nobody, session: None };
        let Some(secret) = cookie(&parts.headers, SESSION) else { return Ok(nobody) };
        Ok(match world.sessions.find(secret).await? {
            Some(session) => Self {
                principal: session.user.principal(),
                way: Way::Session,
                session: Some(secret.to_owned()),
            },
            None => nobody,
        })
    }

    /// What the pages of this session must send along.
    pub(crate) fn csrf_token(&self) -> Option<String> {
        self.session.as_deref().map(csrf_token)
    }

    /// Refuses a change that a page elsewhere may have had the browser ask for. Whoever is known by what he sent himself needs no
    /// token; the pages of signing in look at where a request comes from (`session/origin.rs`).
    pub(crate) fn check_csrf(&self, route: &Route, headers: &HeaderMap) -> Result<(), Failure> {
        let Some(session) = &self.session else { return Ok(()) };
        if route.verb.is_safe() || route.is_of_sign_in() {
            return Ok(());
        }
        let given = headers.get(CSRF_TOKEN).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if is_csrf_token(session, given) {
            return Ok(());
        }
        Err(Failure::forbidden_because(
            "CSRF token is missing or wrong: send the X-Harbor-CSRF-Token of this answer as a header",
        ))
    }
}
