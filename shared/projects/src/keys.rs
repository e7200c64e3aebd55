//! Where the records of this crate are.
//!
//! ```text
//! partition          sort                    document
//! projects           <name>                  Project
//! project-id         <id>                    its name; it is there as long as the project is
//! project-exists     <id>#<0 to 15>          its id; likewise, for the commits of pushes
//! public-projects    <name>                  its id
//! project-tombstones <name>                  Tombstone   the name belonged to a project that was deleted
//! project#<id>       member#<member id>      Member
//! project#<id>       who#<u or g><id>        Member      the same, by user or group
//! memberships#<who>  <project name>          Membership
//! ```

use berth_records::{Key, number_key};
use berth_registry::ports::{PROJECT_PARTITION, project_records};

use crate::{ProjectName, Who};

pub(crate) const PROJECTS: &str = "projects";
pub(crate) const PUBLIC: &str = "public-projects";
pub(crate) const MEMBER_PREFIX: &str = "member#";

pub(crate) fn project(name: &ProjectName) -> Key {
    Key::new(PROJECTS, name.as_str())
}

pub(crate) fn id(id: u64) -> Key {
    Key::new("project-id", number_key(id))
}

/// Of these each commit of a push looks at one.
pub(crate) fn exists(id: u64) -> impl Iterator<Item = Key> {
    project_records(id).map(|sort| Key::new(PROJECT_PARTITION, sort))
}

pub(crate) fn public(name: &ProjectName) -> Key {
    Key::new(PUBLIC, name.as_str())
}

pub(crate) fn tombstone(name: &ProjectName) -> Key {
    Key::new("project-tombstones", name.as_str())
}

pub(crate) fn project_counter() -> Key {
    Key::new("counters", "projects")
}

pub(crate) fn member_counter() -> Key {
    Key::new("counters", "members")
}

pub(crate) fn of_project(project_id: u64) -> String {
    format!("project#{project_id}")
}

pub(crate) fn member(project_id: u64, member_id: u64) -> Key {
    Key::new(of_project(project_id), format!("{MEMBER_PREFIX}{}", number_key(member_id)))
}

pub(crate) fn member_who(project_id: u64, who: Who) -> Key {
    Key::new(of_project(project_id), format!("who#{}", word(who)))
}

pub(crate) fn memberships(who: Who) -> String {
    format!("memberships#{}", word(who))
}

pub(crate) fn membership(who: Who, project: &ProjectName) -> Key {
    Key::new(memberships(who), project.as_str())
}

fn word(who: Who) -> String {
    match who {
        Who::User(id) => format!("u{id}"),
        Who::Group(id) => format!("g{id}"),
    }
}
