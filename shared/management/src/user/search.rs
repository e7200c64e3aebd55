//! `GET /users/search?username=`: for choosing somebody. Names and numbers, nothing else.

use berth_identity::users::User;
use serde_json::{Value, json};

use super::list::all;
use crate::access::{Call, SignedIn};
use crate::answer::{Answer, Outcome};
use crate::query::{Column, Field, Filter, Query};

const COLUMNS: &[Column<User>] =
    &[Column { name: "username", get: |user| Field::text(user.username.as_str()) }];

pub(super) async fn answer(call: Call<SignedIn>) -> Outcome {
    let part = call.asked.required("username")?;
    let query = Query::filtered(&call.asked, Filter::default(), COLUMNS)?;
    let mut users = all(call.world()).await?;
    users.retain(|user| (COLUMNS[0].get)(user).contains(part));
    let found = query.apply(users);
    let view = |user: &User| json!({ "user_id": user.id, "username": user.username });
    let views: Vec<Value> = found.items.iter().map(view).collect();
    Ok(Answer::page(&call.asked, &found, &views))
}
