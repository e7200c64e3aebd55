//! `GET /c/log_out`. The session is over; where it is wished for, the one at the provider too.

use berth_identity::users::Source;
use berth_registry::chain;

use super::origin::{HOME, check_same_origin};
use super::start::{redirect, session, with_cookie};
use crate::access::{Anyone, Call};
use crate::answer::{Answer, Outcome};
use crate::cookie::{SESSION, cookie};

pub(super) async fn answer(call: Call<Anyone>) -> Outcome {
    check_same_origin(&call.asked, &call.settings().external_url)?;
    let world = call.door();
    let secret = cookie(&call.asked.headers, SESSION);
    let session_of = match secret {
        Some(secret) => world.sessions.find(secret).await?,
        None => None,
    };
    if let Some(secret) = secret {
        world.sessions.end(secret).await?;
    }
    let is_of_oidc = session_of.is_some_and(|session| session.user.source == Source::Oidc);
    let elsewhere = if is_of_oidc { at_the_provider(&call).await } else { None };
    let answer = elsewhere.map_or_else(Answer::ok, |url| redirect(&url));
    Ok(with_cookie(answer, &session(&call).clear()))
}

/// Where to sign out as well. A provider that cannot be asked keeps nobody signed in here.
async fn at_the_provider(call: &Call<Anyone>) -> Option<String> {
    let party = &call.door().oidc;
    let settings = call.door().oidc_settings().await.ok().flatten().filter(|settings| settings.logout)?;
    let back_uri = format!("{}{HOME}", call.settings().external_url);
    match party.logout_url(&settings, &back_uri).await {
        Ok(url) => url,
        Err(error) => {
            tracing::warn!(cause = chain(&error), "signing out at the OIDC provider failed");
            None
        }
    }
}
