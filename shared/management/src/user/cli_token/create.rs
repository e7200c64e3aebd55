//! `POST /users/{user_id}/cli-tokens`. The answer shows the token this once.

use berth_audit::calendar;
use berth_identity::cli_tokens::{CreateCliToken, DEFAULT_CLI_TOKEN_DAYS, MAX_CLI_TOKENS, NewCliToken};
use serde::Deserialize;
use serde_json::json;

use super::super::find;
use super::by_himself;
use crate::access::{Call, OfUser};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

#[derive(Deserialize)]
struct TokenBody {
    #[serde(default)]
    name: String,
    /// In days. A token without an end is none that there is.
    #[serde(default = "default_days")]
    duration: u64,
}

fn default_days() -> u64 {
    DEFAULT_CLI_TOKEN_DAYS
}

pub(in super::super) async fn answer(call: Call<OfUser>) -> Outcome {
    let body: TokenBody = call.asked.json()?;
    let user = find(&call).await?;
    by_himself(&call, &user)?;
    let new = NewCliToken { name: body.name, duration_days: body.duration };
    new.check().map_err(Failure::bad_request)?;
    match call.world().directory.cli_tokens().create(user.id, new).await? {
        CreateCliToken::Created { token, secret } => {
            let shown = json!({
                "name": token.name,
                "token": secret,
                "creation_time": calendar::rfc3339(token.created_at_secs),
                "expiration_time": calendar::rfc3339(token.expires_at_secs),
            });
            let answer = Answer::created(&call.asked, &token.name).json(&shown).secret();
            let what = format!("{} has a new CLI token {}", user.username, token.name);
            Ok(answer.about(&user.username).saying(what))
        }
        CreateCliToken::Taken => Err(Failure::conflict("there is a CLI token of this name")),
        CreateCliToken::TooMany => {
            Err(Failure::conflict(format!("there are {MAX_CLI_TOKENS} CLI tokens: remove one first")))
        }
        CreateCliToken::UserGone => Err(Failure::not_found(format!("user {} not found", user.id))),
    }
}
