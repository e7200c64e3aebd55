//! `GET /c/oidc/login?redirect_url=`: to the provider.

use super::super::origin::own_path;
use super::super::start::{of_oidc, redirect, with_cookie};
use super::{callback_uri, failure, provider};
use crate::access::{Anyone, Call};
use crate::answer::Outcome;
use crate::cookie::LOGIN;
use crate::store::{Begun, LOGIN_TTL_SECS, browser_hash};

pub(in super::super) async fn answer(call: Call<Anyone>) -> Outcome {
    let to = own_path(call.asked.query("redirect_url"))?.to_owned();
    let (party, settings) = provider(&call).await?;
    let login = party.begin(&settings, &callback_uri(&call)).await.map_err(failure)?;
    let world = call.door();
    let browser = format!("{}{}", world.ids.next(), world.ids.next());
    let begun = Begun { pending: login.pending, redirect: to, browser_hash: browser_hash(&browser) };
    world.logins.begin(&login.state, &begun).await?;
    let cookie = of_oidc(&call, LOGIN).set(&browser, LOGIN_TTL_SECS);
    Ok(with_cookie(redirect(&login.url), &cookie))
}
