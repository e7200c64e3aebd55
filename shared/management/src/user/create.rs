//! `POST /users`. What the body says about rights is passed over: a new user has none.

use berth_identity::check_strength;
use berth_identity::users::{CreateUser, NewUser};
use serde::Deserialize;

use super::profile::check;
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct UserBody {
    username: String,
    email: String,
    realname: String,
    comment: String,
    password: String,
}

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let body: UserBody = call.asked.json()?;
    check_strength(&body.password).map_err(Failure::bad_request)?;
    check(&body.email, &body.realname, &body.comment)?;
    let mut new = NewUser {
        email: Some(body.email),
        full_name: body.realname,
        comment: body.comment,
        ..NewUser::named(body.username)
    };
    new.check().map_err(Failure::bad_request)?;
    let directory = &call.world().directory;
    // It is slow: not before everything else is well.
    new.password = directory.hash_password(&body.password).await;
    if new.password.is_none() {
        return Err(Failure::bad_request("the password cannot be used"));
    }
    match directory.users().create(new).await? {
        CreateUser::Created(user) => Ok(Answer::created(&call.asked, user.id).about(user.username)),
        CreateUser::Taken => Err(Failure::conflict("somebody has this username or email")),
    }
}
