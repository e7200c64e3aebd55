//! `PUT /users/{user_id}/password`. Whoever changes his own says the old one, which counts as signing in: it cannot be guessed here.

use berth_identity::check_strength;
use berth_identity::users::Source;
use berth_registry::{Credentials, Forbidden};
use serde::Deserialize;

use super::find_to_change;
use super::profile::done;
use crate::access::{Call, OfUser};
use crate::answer::Outcome;
use crate::caller::Way;
use crate::failure::Failure;

#[derive(Default, Deserialize)]
#[serde(default)]
struct PasswordBody {
    old_password: String,
    new_password: String,
}

pub(super) async fn answer(call: Call<OfUser>) -> Outcome {
    let body: PasswordBody = call.asked.json()?;
    if call.asked.way == Way::CliToken {
        return Err(Failure::denied("a CLI token changes no password: sign in with your own"));
    }
    let user = find_to_change(&call).await?;
    if user.source == Source::Oidc {
        return Err(Failure::precondition("people of an OIDC provider have no password here"));
    }
    let directory = &call.world().directory;
    if call.is_self() {
        let credentials = Credentials { user: user.username.clone(), password: body.old_password.clone() };
        directory.sign_in(&credentials, call.asked.address).await.map_err(|error| match error {
            Forbidden::Unauthenticated => Failure::forbidden_because("Current password is incorrect"),
            other => other.into(),
        })?;
        if body.old_password == body.new_password {
            return Err(Failure::bad_request("New password is identical to old password"));
        }
    }
    check_strength(&body.new_password).map_err(Failure::bad_request)?;
    let hash = directory.hash_password(&body.new_password).await;
    let hash = hash.ok_or_else(|| Failure::bad_request("the password cannot be used"))?;
    let changed = directory.users().set_password(&user.username, hash).await?;
    done(changed).map(|answer| answer.saying(format!("{} has a new password", user.username)))
}
