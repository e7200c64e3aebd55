//! `berth admin member`.

use serde_json::{Value, json};

use super::api::{Api, absent, number};
use super::name::Name;
use super::role::{Role, role_of};
use super::show::{Column, Show, text};
use crate::error::Error;

const COLUMNS: &[Column] = &[
    ("NAME", |member| text(member, "entity_name")),
    ("KIND", |member| kind(member).to_owned()),
    ("ROLE", role_of),
];

#[derive(Debug, clap::Subcommand)]
pub(super) enum Member {
    /// List the members of a project.
    List { project: Name },
    /// Make a user or a group a member of a project.
    Add {
        project: Name,
        #[command(flatten)]
        who: Who,
        #[arg(long)]
        role: Role,
    },
    /// Give a member another role.
    Set {
        project: Name,
        /// The user or group.
        name: Name,
        #[arg(long)]
        role: Role,
        #[command(flatten)]
        which: Which,
    },
    /// Take a member out of a project.
    Remove {
        project: Name,
        /// The user or group.
        name: Name,
        #[command(flatten)]
        which: Which,
    },
}

/// Who becomes a member.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Who {
    #[arg(long, value_name = "NAME")]
    user: Option<Name>,
    #[arg(long, value_name = "NAME")]
    group: Option<Name>,
}

/// Which member is meant, where a user and a group have the same name.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(multiple = false)]
pub(super) struct Which {
    /// The name is a user's.
    #[arg(long)]
    user: bool,
    /// The name is a group's.
    #[arg(long)]
    group: bool,
}

impl Member {
    pub(super) async fn run(self, api: &Api, show: Show) -> Result<(), Error> {
        match self {
            Self::List { project } => {
                show.list(&api.list(&["projects", &project, "members"], &[]).await?, COLUMNS)
            }
            Self::Add { project, who, role } => {
                let (name, which) =
                    who.name_and_kind().ok_or_else(|| Error::Usage("give --user or --group".to_owned()))?;
                let mut body = json!({ "role_id": role.id() });
                if which.group {
                    body["member_group"] = json!({ "id": group_id(api, &name).await? });
                } else {
                    body["member_user"] = json!({ "username": &*name });
                }
                api.post(&["projects", &project, "members"], &body).await?;
                show.one(&find(api, &project, &name, which).await?, COLUMNS)
            }
            Self::Set { project, name, role, which } => {
                let id = number(&find(api, &project, &name, which).await?, "id")?;
                api.put(&["projects", &project, "members", &id], &json!({ "role_id": role.id() })).await?;
                show.one(&find(api, &project, &name, which).await?, COLUMNS)
            }
            Self::Remove { project, name, which } => {
                let id = number(&find(api, &project, &name, which).await?, "id")?;
                api.delete(&["projects", &project, "members", &id]).await?;
                show.done(&format!("{name} is no member of {project} any more"))
            }
        }
    }
}

impl Who {
    /// `None` is what the command line does not let through.
    fn name_and_kind(self) -> Option<(Name, Which)> {
        let user = self.user.map(|name| (name, Which { user: true, group: false }));
        user.or_else(|| Some((self.group?, Which { user: false, group: true })))
    }
}

impl Which {
    fn is_of(self, member: &Value) -> bool {
        match kind(member) {
            "group" => !self.user,
            _ => !self.group,
        }
    }
}

fn kind(member: &Value) -> &'static str {
    if member["entity_type"] == "g" { "group" } else { "user" }
}

/// The member of this name.
async fn find(api: &Api, project: &str, name: &str, which: Which) -> Result<Value, Error> {
    // The API looks for names that contain this.
    let members = api.list(&["projects", project, "members"], &[("entityname", name)]).await?;
    let mut found = members
        .into_iter()
        .filter(|member| member["entity_name"] == name && which.is_of(member))
        .collect::<Vec<_>>();
    match (found.pop(), found.is_empty()) {
        (Some(member), true) => Ok(member),
        (Some(_), false) => {
            Err(Error::Usage(format!("a user and a group are called {name}: add --user or --group")))
        }
        (None, _) => Err(absent(&format!("member {name} of {project}"))),
    }
}

/// The number of a group that the registry knows.
async fn group_id(api: &Api, name: &str) -> Result<Value, Error> {
    let groups = api.list(&["usergroups", "search"], &[("groupname", name)]).await?;
    let group = groups.into_iter().find(|group| group["group_name"] == name);
    group.map(|group| group["id"].clone()).ok_or_else(|| absent(&format!("group {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_a_users_or_a_groups() {
        let (user, group) = (json!({ "entity_type": "u" }), json!({ "entity_type": "g" }));
        for (is_user, is_group, expected) in
            [(false, false, [true, true]), (true, false, [true, false]), (false, true, [false, true])]
        {
            let which = Which { user: is_user, group: is_group };
            assert_eq!([which.is_of(&user), which.is_of(&group)], expected);
        }
    }
}
