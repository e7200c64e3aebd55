//! People whom another system vouches for, as users here.

mod oidc;

use berth_registry::StoreError;

use crate::External;
use crate::groups::{GroupKind, Groups};
use crate::users::{ADMIN, CreateUser, NewUser, Source, UpdateUser, User, Users};

pub use oidc::{Onboarded, known_oidc_user, new_oidc_user};

/// One person's groups that are looked up; the rest are left out.
const MAX_GROUPS: usize = 100;

/// The user that `external` is here: made at the first sign-in, brought up to date at each. `Ok(None)` if somebody else has the
/// name: a user of our own never becomes another system's.
pub(crate) async fn from_ldap(
    users: &Users,
    groups: &Groups,
    external: External,
) -> Result<Option<User>, StoreError> {
    let kind = |dn: &str| GroupKind::Ldap { dn: dn.to_owned() };
    let group_ids = known_groups(groups, kind, &external.groups).await?;
    let Some(user) = users.get(&external.username).await? else {
        let is_admin = external.is_admin;
        return make(users, NewUser { is_admin, ..new(external, Source::Ldap, group_ids) }).await;
    };
    if user.source != Source::Ldap {
        return Ok(None);
    }
    let is_current = user.groups == group_ids
        && user.is_admin == external.is_admin
        && user.subject.as_deref() == Some(&external.subject);
    if is_current {
        return Ok(Some(user));
    }
    let changed = users
        .update(&external.username, |user| {
            user.groups.clone_from(&group_ids);
            user.is_admin = external.is_admin;
            user.subject = Some(external.subject.clone());
        })
        .await?;
    Ok(match changed {
        UpdateUser::Updated(user) => Some(user),
        UpdateUser::Unknown | UpdateUser::Conflict => None,
    })
}

/// The user that somebody in LDAP is here, made if need be; his groups and rights are known when he signs in. `Ok(None)` as in
/// [`from_ldap`].
pub(crate) async fn import(users: &Users, external: External) -> Result<Option<User>, StoreError> {
    match users.get(&external.username).await? {
        Some(user) => Ok(Some(user).filter(|user| user.source == Source::Ldap)),
        None => make(users, new(external, Source::Ldap, Vec::new())).await,
    }
}

fn new(external: External, source: Source, groups: Vec<u64>) -> NewUser {
    NewUser {
        email: external.email,
        full_name: external.full_name.unwrap_or_default(),
        source,
        subject: Some(external.subject),
        groups,
        ..NewUser::named(external.username)
    }
}

/// `Ok(None)` if there can be no such user: the name is none, or somebody has it. The first administrator's is somebody's even before
/// he has come.
async fn make(users: &Users, mut new: NewUser) -> Result<Option<User>, StoreError> {
    // A mail address that is none, or somebody else's, is no reason to keep anybody out.
    if new.check().is_err() {
        new.email = None;
    }
    if new.check().is_err() || new.username == ADMIN {
        return Ok(None);
    }
    let without_email = NewUser { email: None, ..new.clone() };
    for new in [new, without_email] {
        if let CreateUser::Created(user) = users.create(new).await? {
            return Ok(Some(user));
        }
    }
    Ok(None)
}

/// The numbers of those groups that are known here: only they can be members of projects.
async fn known_groups(
    groups: &Groups,
    kind: impl Fn(&str) -> GroupKind,
    names: &[String],
) -> Result<Vec<u64>, StoreError> {
    let found = names.iter().take(MAX_GROUPS).map(|name| {
        let kind = kind(name);
        async move { groups.find(&kind, name).await }
    });
    let found = futures::future::try_join_all(found).await?;
    Ok(found.into_iter().flatten().map(|group| group.id).collect())
}

#[cfg(test)]
mod tests;
