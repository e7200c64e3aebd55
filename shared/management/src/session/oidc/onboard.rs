//! `POST /c/oidc/onboard`: a name for whoever has signed in at the provider for the first time; and a page to choose it with, for
//! browsers that have no other.

use berth_identity::users::NewUser;
use berth_identity::{Onboarded, new_oidc_user};
use http::HeaderName;
use serde::Deserialize;

use super::super::origin::check_same_origin;
use super::super::start::{of_oidc, redirect, signed_in, with_cookie};
use crate::access::{Anyone, Call};
use crate::answer::{Answer, Outcome};
use crate::cookie::{ONBOARD, cookie};
use crate::failure::Failure;
use crate::store::Waiting;

/// The page loads nothing, sends its form here alone, and is no part of any other page.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const CONTENT_SECURITY_POLICY: HeaderName = HeaderName::from_static("content-security-policy");
const PAGE: &str = include_str!("onboard.html");

#[derive(Deserialize)]
struct NameBody {
    username: String,
}

/// The page, with the name that the provider suggests.
pub(in super::super) async fn page(call: Call<Anyone>) -> Outcome {
    let (_, waiting) = waiting(&call).await?;
    let page = PAGE.replace("{{username}}", &escaped(&waiting.external.username));
    let answer = Answer::ok().text("text/html; charset=utf-8", page).secret();
    Ok(answer.header(CONTENT_SECURITY_POLICY, POLICY))
}

/// A document is answered 200, as in Harbor; a form, with the way to where he wanted to go.
pub(in super::super) async fn answer(call: Call<Anyone>) -> Outcome {
    check_same_origin(&call.asked, &call.settings().external_url)?;
    let (browser, waiting) = waiting(&call).await?;
    let form = call.asked.form().ok();
    let username = match &form {
        Some(form) => form
            .iter()
            .find(|(name, _)| name == "username")
            .map(|(_, value)| value.clone())
            .unwrap_or_default(),
        None => call.asked.json::<NameBody>()?.username,
    };
    let username = username.trim();
    NewUser::named(username).check().map_err(Failure::bad_request)?;
    let world = call.door();
    let made = new_oidc_user(world.directory.users(), &world.groups, waiting.external, username).await?;
    let Onboarded::User(user) = made else {
        return Err(Failure::conflict(format!("the username {username} is taken; choose another")));
    };
    world.logins.welcome(&browser).await?;
    let answer = if form.is_some() { redirect(&waiting.redirect) } else { Answer::ok() };
    let answer = signed_in(&call, &user, answer).await?.about(&user.username);
    Ok(with_cookie(answer, &of_oidc(&call, ONBOARD).clear()))
}

async fn waiting(call: &Call<Anyone>) -> Result<(String, Waiting), Failure> {
    let nobody =
        || Failure::bad_request("nobody waits for a name in this browser: sign in at the provider again");
    let browser = cookie(&call.asked.headers, ONBOARD).ok_or_else(nobody)?;
    let waiting = call.door().logins.waiting(browser).await?.ok_or_else(nobody)?;
    Ok((browser.to_owned(), waiting))
}

/// As text in an attribute.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_text_on_the_page() {
        assert_eq!(escaped("a\"><b>&'"), "a&quot;&gt;&lt;b&gt;&amp;&#39;");
    }
}
