//! Making groups.

use berth_records::{Expect, Key, Written, put};
use berth_registry::StoreError;

use super::{Dn, Group, GroupKind, Groups, group_key, identity_key};

const MAX_NAME_BYTES: usize = 255;
const MAX_DN_BYTES: usize = 512;
/// What a sort key of a record holds.
const MAX_COMMON_BYTES: usize = 900;

/// A group to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// What it is called here.
    pub name: String,
    /// Which system knows who is in it.
    pub kind: GroupKind,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateGroup {
    /// It is there.
    Created(Group),
    /// There is one that the other system knows as this.
    Taken,
}

/// Why there can be no such group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGroup {
    /// The name.
    #[error("group name must have 1 to 255 bytes and no control characters")]
    Name,
    /// The place in the directory.
    #[error(
        "the DN of an LDAP group must be a distinguished name of at most 512 bytes, such as cn=team,dc=example,dc=org"
    )]
    Dn,
}

impl NewGroup {
    /// Whether there can be such a group.
    pub fn check(&self) -> Result<(), InvalidGroup> {
        if !is_name(&self.name) {
            return Err(InvalidGroup::Name);
        }
        if self.kind.dn().is_some_and(|dn| common(dn).is_none()) {
            return Err(InvalidGroup::Dn);
        }
        Ok(())
    }
}

impl Groups {
    /// Makes a group, which must have passed [`NewGroup::check`].
    pub async fn create(&self, new: NewGroup) -> Result<CreateGroup, StoreError> {
        let Some(identity) = identity_key(&new.kind, &new.name) else { return Ok(CreateGroup::Taken) };
        let now_secs = self.clock.now_secs();
        let group = Group {
            id: self.write.add(&Key::new("counters", "groups"), 1, None).await?,
            name: new.name,
            kind: new.kind,
            created_at_secs: now_secs,
            updated_at_secs: now_secs,
        };
        let changes =
            vec![put(group_key(group.id), &group, Expect::Absent), put(identity, &group.id, Expect::Absent)];
        Ok(match self.write.write(changes).await? {
            Written::Written => CreateGroup::Created(group),
            Written::Conflict => CreateGroup::Taken,
        })
    }
}

pub(super) fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&text.len()) && !text.contains(char::is_control) && text.trim() == text
}

/// A distinguished name in its common form; `None` if it is none that a group can have.
pub(super) fn common(text: &str) -> Option<String> {
    let dn = Dn::parse(text).filter(|_| text.len() <= MAX_DN_BYTES && !text.contains(char::is_control))?;
    // Escapes can be longer than what they stand for.
    Some(dn.to_string()).filter(|common| common.len() <= MAX_COMMON_BYTES)
}
