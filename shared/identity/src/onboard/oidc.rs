//! People of an `OpenID` Connect provider: known by issuer and subject, whatever they are called.

use berth_registry::StoreError;

use super::{known_groups, make, new};
use crate::External;
use crate::groups::{GroupKind, Groups};
use crate::users::{NewUser, Source, UpdateUser, User, Users};

/// What became of somebody who came for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Onboarded {
    /// He is a user.
    User(User),
    /// There can be no user of this name, or somebody has it: he needs another.
    NameNeeded,
}

/// The user whom the provider knows by this subject, with the groups and the rights of now. `Ok(None)` if he is none yet. A user of
/// the same name is somebody else.
pub async fn known_oidc_user(
    users: &Users,
    groups: &Groups,
    external: &External,
) -> Result<Option<User>, StoreError> {
    let Some(user) = users.get_by_subject(&external.subject).await? else { return Ok(None) };
    let group_ids = known_groups(groups, |_| GroupKind::Oidc, &external.groups).await?;
    if user.groups == group_ids && user.is_admin_elsewhere == external.is_admin {
        return Ok(Some(user));
    }
    let changed = users
        .update(&user.username, |user| {
            user.groups.clone_from(&group_ids);
            user.is_admin_elsewhere = external.is_admin;
        })
        .await?;
    Ok(match changed {
        UpdateUser::Updated(changed) if changed.id == user.id => Some(changed),
        UpdateUser::Updated(_) | UpdateUser::Unknown | UpdateUser::Conflict => None,
    })
}

/// Makes him a user under `username`. He has no password. Whoever came twice at the same moment is one user.
pub async fn new_oidc_user(
    users: &Users,
    groups: &Groups,
    external: External,
    username: &str,
) -> Result<Onboarded, StoreError> {
    let group_ids = known_groups(groups, |_| GroupKind::Oidc, &external.groups).await?;
    let named = External { username: username.to_owned(), ..external.clone() };
    let is_admin_elsewhere = external.is_admin;
    let made = make(users, NewUser { is_admin_elsewhere, ..new(named, Source::Oidc, group_ids) }).await?;
    if let Some(user) = made {
        return Ok(Onboarded::User(user));
    }
    let known = known_oidc_user(users, groups, &external).await?;
    Ok(known.map_or(Onboarded::NameNeeded, Onboarded::User))
}

#[cfg(test)]
mod tests;
