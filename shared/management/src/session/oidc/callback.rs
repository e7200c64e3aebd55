//! `GET /c/oidc/callback`: back from the provider. The state is good once, and in the browser that began alone.

use berth_identity::{Onboarded, known_oidc_user, new_oidc_user};
use berth_oidc::Callback;

use super::super::start::{of_oidc, redirect, signed_in, with_cookie};
use super::{ask_for_a_name, failure, provider};
use crate::access::{Anyone, Call};
use crate::answer::{Answer, Outcome};
use crate::cookie::{LOGIN, cookie};
use crate::failure::Failure;
use crate::store::Begun;

pub(in super::super) async fn answer(call: Call<Anyone>) -> Outcome {
    let (party, settings) = provider(&call).await?;
    let begun = begun(&call).await?;
    let query = |name: &str| call.asked.query(name).map(str::to_owned);
    let callback = Callback { code: query("code"), issuer: query("iss"), error: query("error") };
    let external = party.finish(&settings, &begun.pending, callback).await.map_err(failure)?;
    let world = call.door();
    let (users, groups) = (world.directory.users(), &world.groups);
    let mut user = known_oidc_user(users, groups, &external).await?;
    if user.is_none() && settings.auto_onboard && !external.username.is_empty() {
        let username = external.username.clone();
        user = match new_oidc_user(users, groups, external.clone(), &username).await? {
            Onboarded::User(user) => Some(user),
            // Somebody has the name: he may choose another.
            Onboarded::NameNeeded => None,
        };
    }
    let answer = match user {
        Some(user) => signed_in(&call, &user, redirect(&begun.redirect)).await?.about(&user.username),
        None => ask_for_a_name(&call, external, begun.redirect).await?,
    };
    Ok(done(&call, answer))
}

async fn begun(call: &Call<Anyone>) -> Result<Begun, Failure> {
    let not_begun = || {
        Failure::bad_request(
            "state mismatch: this sign-in was not begun in this browser, is over, or took too long; sign in again",
        )
    };
    let state = call.asked.query("state").ok_or_else(not_begun)?;
    let browser = cookie(&call.asked.headers, LOGIN).ok_or_else(not_begun)?;
    call.door().logins.take(state, browser).await?.ok_or_else(not_begun)
}

fn done(call: &Call<Anyone>, answer: Answer) -> Answer {
    with_cookie(answer, &of_oidc(call, LOGIN).clear())
}
