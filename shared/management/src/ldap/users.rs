//! `GET /ldap/users/search`: people whose names are like the text, in which `*` stands for any text.

use berth_ldap::User;
use serde_json::{Value, json};

use super::directory;
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let pattern = call.asked.query("username").unwrap_or_default();
    let found = directory(call.world()).await?.search(pattern).await?;
    Ok(Answer::of(&found.iter().map(view).collect::<Vec<_>>()))
}

fn view(user: &User) -> Value {
    json!({
        "username": user.username,
        "realname": user.full_name.as_deref().unwrap_or_default(),
        "email": user.email.as_deref().unwrap_or_default(),
    })
}
