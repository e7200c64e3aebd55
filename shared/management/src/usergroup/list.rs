//! `GET /usergroups` and `GET /usergroups/search`.

use berth_identity::groups::{Dn, Group};
use berth_registry::StoreError;
use futures::FutureExt;
use serde_json::{Value, json};

use super::GroupView;
use crate::access::{Call, InSystem, SignedIn};
use crate::answer::{Answer, Outcome};
use crate::query::{Column, Field, Filter, Query, collect};
use crate::world::World;

const COLUMNS: &[Column<Group>] = &[
    Column { name: "group_name", get: |group| Field::text(group.name.as_str()) },
    Column { name: "id", get: |group| Field::number(group.id) },
    Column { name: "group_type", get: |group| Field::number(group.kind.id()) },
    Column { name: "ldap_group_dn", get: |group| Field::text(group.kind.dn().unwrap_or_default()) },
];

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let asked = &call.asked;
    let query = Query::of(asked, COLUMNS)?;
    let mut groups = all(call.world()).await?;
    if let Some(part) = asked.query("group_name") {
        groups.retain(|group| (COLUMNS[0].get)(group).contains(part));
    }
    if let Some(dn) = asked.query("ldap_group_dn") {
        // However it is written; what is no name is nobody's.
        let dn = Dn::parse(dn);
        groups.retain(|group| dn.is_some() && group.kind.dn().map(Dn::parse) == Some(dn.clone()));
    }
    let found = query.apply(groups);
    let views: Vec<GroupView<'_>> = found.items.iter().map(GroupView::of).collect();
    Ok(Answer::page(asked, &found, &views))
}

/// For choosing one: names, numbers and kinds, nothing else.
pub(super) async fn search(call: Call<SignedIn>) -> Outcome {
    let part = call.asked.required("groupname")?;
    let query = Query::filtered(&call.asked, Filter::default(), COLUMNS)?;
    let mut groups = all(call.world()).await?;
    groups.retain(|group| (COLUMNS[0].get)(group).contains(part));
    let found = query.apply(groups);
    let view =
        |group: &Group| json!({ "id": group.id, "group_name": group.name, "group_type": group.kind.id() });
    let views: Vec<Value> = found.items.iter().map(view).collect();
    Ok(Answer::page(&call.asked, &found, &views))
}

async fn all(world: &World) -> Result<Vec<Group>, StoreError> {
    collect(|last: Option<&Group>, limit| {
        let after = last.map(|group| group.id);
        async move { world.groups.list(after, limit).await }.boxed()
    })
    .await
}
