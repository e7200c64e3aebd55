//! `PUT` and `DELETE /usergroups/{group_id}`.

use berth_identity::groups::{GroupKind, NewGroup, RenameGroup};
use berth_projects::Who;

use super::create::GroupBody;
use super::missing;
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

/// The name alone can be changed.
pub(super) async fn update(call: Call<InSystem>) -> Outcome {
    let id = call.asked.id("group_id")?;
    let body: GroupBody = call.asked.json()?;
    let new = NewGroup { name: body.group_name, kind: GroupKind::Http };
    new.check().map_err(Failure::bad_request)?;
    match call.world().groups.rename(id, &new.name).await? {
        RenameGroup::Renamed(group) => Ok(Answer::ok().about(group.name)),
        RenameGroup::Unknown => Err(missing(id)),
        RenameGroup::Conflict => Err(Failure::conflict("there is such a group already")),
    }
}

/// Its memberships go first: whoever is in the group by what is known of him from his last sign-in has nothing of it from then on.
pub(super) async fn delete(call: Call<InSystem>) -> Outcome {
    let id = call.asked.id("group_id")?;
    let world = call.world();
    let group = world.groups.get(id).await?.ok_or_else(|| missing(id))?;
    world.projects.leave_all(Who::Group(id)).await?;
    if !world.groups.delete(id).await? {
        return Err(missing(id));
    }
    // Also those that began meanwhile.
    world.projects.leave_all(Who::Group(id)).await?;
    Ok(Answer::ok().about(group.name))
}
