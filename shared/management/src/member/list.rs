//! `GET …/members`.

use berth_projects::Member;

use super::{MemberView, all};
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::query::{Column, Field, Query};

const COLUMNS: &[Column<Member>] = &[
    Column { name: "entity_name", get: |member| Field::text(member.name.as_str()) },
    Column { name: "id", get: |member| Field::number(member.id) },
    Column { name: "role_id", get: |member| Field::number(member.role.id()) },
];

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let query = Query::of(&call.asked, COLUMNS)?;
    let mut members = all(call.world(), call.project().id).await?;
    if let Some(part) = call.asked.query("entityname") {
        let part = Field::text(part.to_lowercase());
        members.retain(
            |member| matches!(&part, Field::Text(part) if member.name.to_lowercase().contains(&**part)),
        );
    }
    members.sort_by(|one, two| one.name.cmp(&two.name).then(one.id.cmp(&two.id)));
    let found = query.apply(members);
    let views: Vec<MemberView<'_>> = found.items.iter().map(MemberView::of).collect();
    Ok(Answer::page(&call.asked, &found, &views))
}
