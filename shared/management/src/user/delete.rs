//! `DELETE /users/{user_id}`. Nobody removes himself, or the first administrator.

use berth_identity::users::ADMIN;
use berth_projects::Who;

use super::find_to_change;
use crate::access::{Call, OfUser};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

pub(super) async fn answer(call: Call<OfUser>) -> Outcome {
    let user = find_to_change(&call).await?;
    if call.is_self() || user.username == ADMIN {
        return Err(Failure::forbidden_because(format!("User with ID {} cannot be deleted", user.id)));
    }
    let world = call.world();
    if !world.directory.users().delete(&user.username).await? {
        return Err(Failure::not_found(format!("user {} not found", user.id)));
    }
    world.projects.leave_all(Who::User(user.id)).await?;
    Ok(Answer::ok().about(user.username))
}
