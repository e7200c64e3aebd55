//! `PUT /users/{user_id}/cli_secret`: Harbor's one secret, which people of a provider choose. It is the CLI token `cli_secret`, and
//! ends after a year.

use berth_identity::check_strength;
use berth_identity::users::Source;
use serde::Deserialize;

use super::super::find;
use super::by_himself;
use crate::access::{Call, OfUser};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

#[derive(Default, Deserialize)]
#[serde(default)]
struct SecretBody {
    secret: String,
}

pub(in super::super) async fn answer(call: Call<OfUser>) -> Outcome {
    let user = find(&call).await?;
    if user.source != Source::Oidc {
        let message = "unable to update CLI secret: the user is not onboarded via OIDC AuthN";
        return Err(Failure::precondition(message));
    }
    by_himself(&call, &user)?;
    let body: SecretBody = call.asked.json()?;
    check_strength(&body.secret).map_err(Failure::bad_request)?;
    let directory = &call.world().directory;
    let hash = directory.hash_password(&body.secret).await;
    let hash = hash.ok_or_else(|| Failure::bad_request("the secret cannot be used"))?;
    if !directory.cli_tokens().set_cli_secret(user.id, hash).await? {
        return Err(Failure::conflict("others are changing the same user's CLI tokens; try again"));
    }
    Ok(Answer::ok().about(&user.username).saying(format!("{} has a new CLI secret", user.username)))
}
