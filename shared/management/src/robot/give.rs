//! Nobody hands on more than he has: not a robot that makes robots, and not the admin of one project in another.

use berth_projects::{Action, Permission, Principal, Resource, Rights, Scope};

use crate::failure::Failure;
use crate::world::World;

/// Refuses what `giver` does not have himself. The permissions must be in the catalogue.
pub(crate) async fn check(
    world: &World,
    giver: &Principal,
    permissions: &[Permission],
) -> Result<(), Failure> {
    for permission in permissions {
        let lacking = match giver {
            Principal::User(user) if user.is_admin => None,
            Principal::User(_) => lacking_of_user(world, giver, permission).await?,
            Principal::Robot(robot) => permission.rights.iter().copied().find(|right| {
                let one = Permission { scope: permission.scope.clone(), rights: vec![*right] };
                !robot.permissions.iter().any(|own| own.covers(&one))
            }),
            Principal::Anonymous => permission.rights.first().copied(),
        };
        if let Some((resource, action)) = lacking {
            return Err(Failure::denied(format!(
                "permission scope is invalid. It must be equal to or more restrictive than the creator's: \
                 {resource}:{action}"
            )));
        }
    }
    Ok(())
}

/// A right that the user lacks where the permission would hold.
async fn lacking_of_user(
    world: &World,
    giver: &Principal,
    permission: &Permission,
) -> Result<Option<(Resource, Action)>, Failure> {
    let Scope::Project(id) = permission.scope else { return Ok(permission.rights.first().copied()) };
    let Some(project) = world.projects.get_by_id(id).await? else {
        return Ok(permission.rights.first().copied());
    };
    let rights = world.projects.rights_in(giver, project).await?;
    Ok(permission.rights.iter().copied().find(|right| !has(&rights, *right)))
}

/// Harbor's roles read the settings of a project one by one and have no right to list them; whoever can read all has the list.
fn has(rights: &Rights, (resource, action): (Resource, Action)) -> bool {
    let is_list = (resource, action) == (Resource::Metadata, Action::List);
    rights.allow(resource, action) || is_list && rights.allow(Resource::Metadata, Action::Read)
}
