//! `GET /users`. As in Harbor, the first administrator is not in it.

use berth_identity::users::{ADMIN, User};
use berth_registry::StoreError;
use futures::FutureExt;

use super::UserView;
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::query::{Column, Field, Query, collect};
use crate::world::World;

const COLUMNS: &[Column<User>] = &[
    Column { name: "username", get: |user| Field::text(user.username.as_str()) },
    Column { name: "user_id", get: |user| Field::number(user.id) },
    Column { name: "email", get: |user| Field::text(user.email.as_deref().unwrap_or_default()) },
    Column { name: "realname", get: |user| Field::text(user.full_name.as_str()) },
    Column { name: "sysadmin_flag", get: |user| Field::Switch(user.is_admin) },
    Column { name: "creation_time", get: |user| Field::Time(user.created_at_secs) },
    Column { name: "update_time", get: |user| Field::Time(user.updated_at_secs) },
];

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let asked = &call.asked;
    let query = Query::of(asked, COLUMNS)?;
    let mut users = all(call.world()).await?;
    for (name, column) in [("username", &COLUMNS[0]), ("email", &COLUMNS[2])] {
        if let Some(part) = asked.query(name) {
            users.retain(|user| (column.get)(user).contains(part));
        }
    }
    let found = query.apply(users);
    let views: Vec<UserView<'_>> = found.items.iter().map(UserView::of).collect();
    Ok(Answer::page(asked, &found, &views))
}

/// All users but the first administrator, by name.
pub(super) async fn all(world: &World) -> Result<Vec<User>, StoreError> {
    let mut users = collect(|last: Option<&User>, limit| {
        let after = last.map(|user| user.username.clone());
        async move { world.directory.users().list("", after.as_deref(), limit).await }.boxed()
    })
    .await?;
    users.retain(|user| user.username != ADMIN);
    Ok(users)
}
