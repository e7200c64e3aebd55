//! `GET /users/current`: who one is. A robot is no user.

use super::UserView;
use crate::access::{Call, SignedIn};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

pub(super) async fn answer(call: Call<SignedIn>) -> Outcome {
    if call.principal().user().is_none() {
        let message = "get current user not available for security context: robot";
        return Err(Failure::precondition(message));
    }
    let user = call.world().directory.users().get(call.name()).await?;
    let user = user.ok_or_else(Failure::unauthorized)?;
    Ok(Answer::of(&UserView::of(&user)))
}
