//! `PUT /users/{user_id}`: what a user says about himself, and nothing else about him.

use berth_identity::users::{NewUser, UpdateUser};
use serde::Deserialize;

use super::find_to_change;
use crate::access::{Call, OfUser};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

const MAX_REALNAME_CHARS: usize = 255;
const MAX_COMMENT_CHARS: usize = 30;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ProfileBody {
    email: String,
    realname: String,
    comment: String,
}

pub(super) async fn answer(call: Call<OfUser>) -> Outcome {
    let body: ProfileBody = call.asked.json()?;
    check(&body.email, &body.realname, &body.comment)?;
    let user = find_to_change(&call).await?;
    let email = NewUser { email: Some(body.email.clone()), ..NewUser::named(user.username.as_str()) };
    email.check().map_err(Failure::bad_request)?;
    let changed = call.world().directory.users().update(&user.username, |user| {
        user.email = Some(body.email.clone());
        user.full_name.clone_from(&body.realname);
        user.comment.clone_from(&body.comment);
    });
    done(changed.await?)
}

/// Harbor's rules for what everybody sees.
pub(super) fn check(email: &str, realname: &str, comment: &str) -> Result<(), Failure> {
    if email.is_empty() {
        return Err(Failure::bad_request("email can't be empty"));
    }
    if !(1..=MAX_REALNAME_CHARS).contains(&realname.chars().count()) {
        return Err(Failure::bad_request("realname with illegal length"));
    }
    if realname.contains(|character: char| ",~#$%".contains(character) || character.is_control()) {
        return Err(Failure::bad_request("realname contains illegal characters"));
    }
    if comment.chars().count() > MAX_COMMENT_CHARS {
        return Err(Failure::bad_request("comment with illegal length"));
    }
    Ok(())
}

/// What somebody is told who changed a user.
pub(super) fn done(changed: UpdateUser) -> Outcome {
    match changed {
        UpdateUser::Updated(user) => Ok(Answer::ok().about(user.username)),
        UpdateUser::Unknown => Err(Failure::not_found("user not found")),
        UpdateUser::Conflict => {
            Err(Failure::conflict("somebody else has this email, or others are changing the same user"))
        }
    }
}
