//! Renaming and removing groups.

use berth_records::{Change, Expect, Written, put};
use berth_registry::StoreError;

use super::{Group, Groups, group_key, identity_key};

/// How often a change begins again because others were at the same group.
const MAX_ATTEMPTS: usize = 8;

/// What became of a new name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenameGroup {
    /// The group has it.
    Renamed(Group),
    /// There is no such group.
    Unknown,
    /// Another group is known by it, or others kept changing the same group.
    Conflict,
}

impl Groups {
    /// Gives a group another name, which must have passed [`NewGroup::check`](super::NewGroup::check). A group in LDAP stays where it
    /// is; any other is from now on the one that the other system knows by the new name.
    pub async fn rename(&self, id: u64, name: &str) -> Result<RenameGroup, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let Some(stored) = self.stored(id).await? else { return Ok(RenameGroup::Unknown) };
            let before = &stored.value;
            let group =
                Group { name: name.to_owned(), updated_at_secs: self.clock.now_secs(), ..before.clone() };
            let mut changes = vec![put(group_key(id), &group, stored.unchanged())];
            let (old, new) = (identity_key(&before.kind, &before.name), identity_key(&group.kind, name));
            if old != new {
                changes.extend(old.map(Change::delete));
                changes.extend(new.map(|key| put(key, &id, Expect::Absent)));
            }
            if self.write.write(changes).await? == Written::Written {
                return Ok(RenameGroup::Renamed(group));
            }
            if self.find(&group.kind, name).await?.is_some_and(|other| other.id != id) {
                return Ok(RenameGroup::Conflict);
            }
        }
        Ok(RenameGroup::Conflict)
    }

    /// Removes a group. Whether it was there. What it was a member of is the caller's business.
    pub async fn delete(&self, id: u64) -> Result<bool, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let Some(stored) = self.stored(id).await? else { return Ok(false) };
            let identity = identity_key(&stored.value.kind, &stored.value.name);
            let mut changes = vec![Change::Delete { key: group_key(id), expect: stored.unchanged() }];
            changes.extend(identity.map(Change::delete));
            if self.write.write(changes).await? == Written::Written {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
