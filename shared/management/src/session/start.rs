//! Beginning a session: the last step of every way in.

use berth_identity::users::User;
use http::header::{LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderValue, StatusCode};

use crate::access::{Anyone, Call};
use crate::answer::Answer;
use crate::audit::began_session;
use crate::cookie::{SESSION, Setting, cookie};
use crate::failure::Failure;

/// The answer with a new session of this user. What the browser held before is good no longer: a session that somebody else gave it
/// must not become this user's.
pub(super) async fn signed_in(call: &Call<Anyone>, user: &User, answer: Answer) -> Result<Answer, Failure> {
    let world = call.door();
    if let Some(old) = cookie(&call.asked.headers, SESSION) {
        world.sessions.end(old).await?;
    }
    let ttl_secs = world.session_ttl_secs().await?;
    let secret = world.sessions.begin(user, ttl_secs).await?;
    began_session(world, &call.asked.headers, call.asked.address, &user.username);
    Ok(with_cookie(answer, &session(call).set(&secret, ttl_secs)))
}

/// To another page.
pub(super) fn redirect(url: &str) -> Answer {
    let answer = Answer::new(StatusCode::FOUND).header(LOCATION, url).secret();
    answer.header(REFERRER_POLICY, "no-referrer")
}

/// The cookie of a session.
pub(super) fn session(call: &Call<Anyone>) -> Setting<'static> {
    Setting { name: SESSION, path: "/", is_secure: is_secure(call) }
}

/// A cookie for the pages of the provider.
pub(super) fn of_oidc(call: &Call<Anyone>, name: &'static str) -> Setting<'static> {
    Setting { name, path: "/c/oidc", is_secure: is_secure(call) }
}

/// Adds a cookie: an answer may set several.
pub(super) fn with_cookie(mut answer: Answer, cookie: &str) -> Answer {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        answer.headers.append(SET_COOKIE, value);
    }
    answer.secret()
}

fn is_secure(call: &Call<Anyone>) -> bool {
    call.settings().external_url.starts_with("https://")
}
