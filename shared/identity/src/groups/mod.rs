//! Groups of people, which another system knows and which can be members of projects here.
//!
//! ```text
//! partition    sort                   document
//! groups       <id>                   Group
//! group-name   <kind>#<name>          its number; of groups that are known by their names
//! group-dn     <DN in lower case>     its number; of groups in LDAP
//! ```

mod change;
mod create;
mod dn;

use std::sync::Arc;

use berth_records::{Key, Range, RecordRead, RecordWrite, Stored, get, list, number_key};
use berth_registry::{Clock, StoreError};
use serde::{Deserialize, Serialize};

pub use change::RenameGroup;
pub use create::{CreateGroup, InvalidGroup, NewGroup};
pub use dn::Dn;

const GROUPS: &str = "groups";

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Never used again.
    pub id: u64,
    /// What it is called here.
    pub name: String,
    /// Which system knows who is in it.
    pub kind: GroupKind,
    /// When it was made, in seconds since 1970.
    pub created_at_secs: u64,
    /// When it was last changed, in seconds since 1970.
    pub updated_at_secs: u64,
}

/// Which system knows who is in a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// An LDAP directory.
    Ldap {
        /// Where the group is in it, as somebody wrote it. Two are the same if they have the same common form ([`Dn`]).
        dn: String,
    },
    /// An authenticating proxy, by the group's name.
    Http,
    /// An `OpenID` Connect provider, by the group's name.
    Oidc,
}

impl GroupKind {
    /// The number in Harbor's REST API.
    pub const fn id(&self) -> u64 {
        match self {
            Self::Ldap { .. } => 1,
            Self::Http => 2,
            Self::Oidc => 3,
        }
    }

    /// Where it is in the directory, if it is in one.
    pub fn dn(&self) -> Option<&str> {
        match self {
            Self::Ldap { dn } => Some(dn),
            Self::Http | Self::Oidc => None,
        }
    }
}

/// All groups. Cheap to clone.
#[derive(Clone)]
pub struct Groups {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    clock: Arc<dyn Clock>,
}

impl Groups {
    /// Groups on these ports.
    pub fn new(read: Arc<dyn RecordRead>, write: Arc<dyn RecordWrite>, clock: Arc<dyn Clock>) -> Self {
        Self { read, write, clock }
    }

    /// The group with this number.
    pub async fn get(&self, id: u64) -> Result<Option<Group>, StoreError> {
        Ok(self.stored(id).await?.map(|stored| stored.value))
    }

    /// The group that the other system knows as this. Two reads.
    pub async fn find(&self, kind: &GroupKind, name: &str) -> Result<Option<Group>, StoreError> {
        let Some(key) = identity_key(kind, name) else { return Ok(None) };
        let Some(id) = get::<u64>(&*self.read, key).await? else { return Ok(None) };
        self.get(id.value).await
    }

    /// At most `limit` groups in order of their numbers, after the group `after`, and whether more follow.
    pub async fn list(&self, after: Option<u64>, limit: usize) -> Result<(Vec<Group>, bool), StoreError> {
        let after = after.map(number_key);
        let range = Range { after: after.as_deref(), ..Range::default() };
        let (found, more) = list(&*self.read, GROUPS, range, limit).await?;
        Ok((found.into_iter().map(|stored: Stored<Group>| stored.value).collect(), more))
    }

    async fn stored(&self, id: u64) -> Result<Option<Stored<Group>>, StoreError> {
        get(&*self.read, group_key(id)).await
    }
}

impl std::fmt::Debug for Groups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Groups")
    }
}

fn group_key(id: u64) -> Key {
    Key::new(GROUPS, number_key(id))
}

/// What belongs to one group alone. `None` for a text that no group can have.
fn identity_key(kind: &GroupKind, name: &str) -> Option<Key> {
    match kind {
        // In the common form: one group, however somebody writes its name.
        GroupKind::Ldap { dn } => create::common(dn).map(|dn| Key::new("group-dn", dn)),
        GroupKind::Http | GroupKind::Oidc => {
            // The number comes first, so that no name can end in another kind's.
            create::is_name(name).then(|| Key::new("group-name", format!("{}#{name}", kind.id())))
        }
    }
}

#[cfg(test)]
mod tests;
