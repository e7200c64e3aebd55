//! When it may change who else knows people.

use berth_identity::users::ADMIN;
use berth_registry::StoreError;

use crate::world::World;

/// The item.
pub(super) const ITEM: &str = "auth_mode";

/// As in Harbor, as long as the first administrator is the only user: a user who came in one mode could not sign in in another.
/// One read.
pub(super) async fn can_change(world: &World) -> Result<bool, StoreError> {
    let (users, _) = world.directory.users().list("", None, 2).await?;
    Ok(users.iter().all(|user| user.username == ADMIN))
}
