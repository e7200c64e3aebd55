//! `GET /users/{user_id}/cli-tokens`: all of them, at most as many as there may be, also those that have ended.

use super::super::find;
use super::CliTokenView;
use crate::access::{Call, OfUser};
use crate::answer::{Answer, Outcome};

pub(in super::super) async fn answer(call: Call<OfUser>) -> Outcome {
    let user = find(&call).await?;
    let tokens = call.world().directory.cli_tokens().list(user.id).await?;
    let views: Vec<CliTokenView<'_>> = tokens.iter().map(CliTokenView::of).collect();
    Ok(Answer::of(&views))
}
