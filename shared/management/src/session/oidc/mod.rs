//! Signing in at an `OpenID` Connect provider.

pub(super) mod callback;
pub(super) mod login;
pub(super) mod onboard;

use berth_identity::External;
use berth_oidc::{OidcError, RelyingParty, Settings};

use super::start::{of_oidc, redirect, with_cookie};
use crate::access::{Anyone, Call};
use crate::answer::Answer;
use crate::cookie::ONBOARD;
use crate::failure::Failure;
use crate::store::{LOGIN_TTL_SECS, Waiting};

const CALLBACK: &str = "/c/oidc/callback";
const ONBOARD_PAGE: &str = "/c/oidc/onboard";

/// The provider of now.
async fn provider(call: &Call<Anyone>) -> Result<(RelyingParty, Settings), Failure> {
    let missing = || Failure::precondition("the auth mode is not oidc_auth: no OIDC provider is configured");
    let party = call.door().oidc.clone();
    let settings = call.door().oidc_settings().await?.ok_or_else(missing)?;
    settings
        .check()
        .map_err(|error| Failure::precondition(format!("the OIDC provider is not configured: {error}")))?;
    Ok((party, settings))
}

/// Where the provider sends browsers back to. It is what the administrator tells it.
fn callback_uri(call: &Call<Anyone>) -> String {
    format!("{}{CALLBACK}", call.settings().external_url)
}

/// What the browser is told, and what the log is.
fn failure(error: OidcError) -> Failure {
    let public = error.public();
    match error {
        OidcError::Store(error) => error.into(),
        error if error.is_temporary() => Failure::unavailable(public, error.into()),
        error => Failure { cause: Some(error.into()), ..Failure::unauthorized_because(public) },
    }
}

/// To the page where he chooses a name.
async fn ask_for_a_name(call: &Call<Anyone>, external: External, to: String) -> Result<Answer, Failure> {
    let world = call.door();
    let browser = format!("{}{}", world.ids.next(), world.ids.next());
    world.logins.wait(&browser, &Waiting { external, redirect: to }).await?;
    let cookie = of_oidc(call, ONBOARD).set(&browser, LOGIN_TTL_SECS);
    Ok(with_cookie(redirect(ONBOARD_PAGE), &cookie))
}
