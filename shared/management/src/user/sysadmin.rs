//! `PUT /users/{user_id}/sysadmin`. Nobody gives away what he does not have: a robot that manages users makes no administrators.

use berth_identity::users::ADMIN;
use serde::Deserialize;

use super::find;
use super::profile::done;
use crate::access::{Call, OfUser};
use crate::answer::Outcome;
use crate::failure::Failure;

#[derive(Debug, Deserialize)]
struct FlagBody {
    #[serde(default)]
    sysadmin_flag: bool,
}

pub(super) async fn answer(call: Call<OfUser>) -> Outcome {
    if !call.principal().is_admin() {
        return Err(Failure::denied("only a system administrator makes system administrators"));
    }
    let body: FlagBody = call.asked.json()?;
    let user = find(&call).await?;
    if user.username == ADMIN && !body.sysadmin_flag {
        // Else a registry could be left without anybody who administers it.
        return Err(Failure::forbidden_because("the first administrator stays one"));
    }
    let is_admin = body.sysadmin_flag;
    let change = call.world().directory.users().update(&user.username, |user| user.is_admin = is_admin);
    let what =
        if is_admin { "becomes a system administrator" } else { "is no longer a system administrator" };
    done(change.await?).map(|answer| answer.saying(format!("{} {what}", user.username)))
}
