//! `POST /c/login`: a name and a password become a session. Wrong ones count as everywhere else.

use berth_identity::cli_tokens::is_cli_token;
use berth_identity::users::Source;
use berth_projects::Principal;
use berth_registry::Credentials;

use super::origin::check_same_origin;
use super::start::signed_in;
use crate::access::{Anyone, Call};
use crate::answer::{Answer, Outcome};
use crate::audit::refused_sign_in;
use crate::failure::Failure;

pub(super) async fn answer(call: Call<Anyone>) -> Outcome {
    check_same_origin(&call.asked, &call.settings().external_url)?;
    let form = call.asked.form()?;
    let field = |name: &str| {
        let found = form.iter().find(|(known, value)| known == name && !value.is_empty());
        found
            .map(|(_, value)| value.clone())
            .ok_or_else(|| Failure::bad_request(format!("{name} is required")))
    };
    let credentials = Credentials { user: field("principal")?, password: field("password")? };
    // A token would become more than it is: a session may make other tokens.
    if is_cli_token(&credentials.password) {
        return Err(Failure::forbidden_because("a CLI token is no password: sign in with your own"));
    }
    let world = call.door();
    let principal = world.directory.sign_in(&credentials, call.asked.address).await.map_err(|refusal| {
        let failure = Failure::from(refusal);
        refused_sign_in(world, &call.asked.headers, call.asked.address, &credentials.user, failure.status);
        failure
    })?;
    let Principal::User(identity) = principal else {
        return Err(Failure::forbidden_because(
            "a robot has no browser: it sends its secret with each request",
        ));
    };
    let user = world.directory.users().get(&identity.name).await?.ok_or_else(Failure::unauthorized)?;
    if user.source == Source::Oidc {
        return Err(Failure::forbidden_because("sign in at the OIDC provider: a CLI secret is no password"));
    }
    Ok(signed_in(&call, &user, Answer::ok()).await?.about(&user.username))
}
