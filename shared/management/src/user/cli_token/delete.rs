//! `DELETE /users/{user_id}/cli-tokens/{token_name}`. Also by a token: whoever has found one can only make less of it.

use super::super::find_to_change;
use crate::access::{Call, OfUser};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

pub(in super::super) async fn answer(call: Call<OfUser>) -> Outcome {
    let user = find_to_change(&call).await?;
    let name = call.asked.parameter("token_name");
    if !call.world().directory.cli_tokens().delete(user.id, name).await? {
        return Err(Failure::not_found(format!("CLI token {name} not found")));
    }
    let what = format!("{} no longer has the CLI token {name}", user.username);
    Ok(Answer::ok().about(&user.username).saying(what))
}
