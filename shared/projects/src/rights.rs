//! The one place that decides who may do what.

use crate::role::public_allows;
use crate::{Action, Principal, Project, Resource, Role, Scope};

/// What one principal may do in one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    principal: Principal,
    project: Project,
    roles: Vec<Role>,
}

impl Rights {
    /// `roles` are those that the principal has in the project, of its own and by its groups.
    pub(crate) fn new(principal: Principal, project: Project, roles: Vec<Role>) -> Self {
        Self { principal, project, roles }
    }

    /// The project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Who it is about.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The roles, the most powerful first.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Whether the principal may do this.
    pub fn allow(&self, resource: Resource, action: Action) -> bool {
        let is_public = || self.project.metadata.is_public() && public_allows(resource, action);
        match &self.principal {
            Principal::Anonymous => is_public(),
            Principal::User(user) => {
                user.is_admin && action != Action::ScannerPull
                    || self.roles.iter().any(|role| role.allows(resource, action))
                    || is_public()
            }
            Principal::Robot(robot) => {
                let gives =
                    |permission: &crate::Permission| permission.gives(self.project.id, resource, action);
                robot.permissions.iter().any(gives) || is_public()
            }
        }
    }

    /// Whether the principal may know that the project exists.
    pub fn may_see(&self) -> bool {
        if self.allow(Resource::Project, Action::Read) || !self.roles.is_empty() {
            return true;
        }
        match &self.principal {
            // A robot that may do something in the project knows of it.
            Principal::Robot(robot) => robot.permissions.iter().any(|permission| {
                let here = [Scope::AllProjects, Scope::Project(self.project.id)];
                here.contains(&permission.scope) && !permission.rights.is_empty()
            }),
            Principal::Anonymous | Principal::User(_) => false,
        }
    }
}

/// Whether the principal may do this in what belongs to no project.
pub fn system_allows(principal: &Principal, resource: Resource, action: Action) -> bool {
    match principal {
        Principal::Anonymous => false,
        Principal::User(user) => user.is_admin,
        Principal::Robot(robot) => {
            robot.permissions.iter().any(|permission| permission.gives_system(resource, action))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Metadata, Permission, RobotIdentity, UserIdentity};

    const PULL: (Resource, Action) = (Resource::Repository, Action::Pull);
    const PUSH: (Resource, Action) = (Resource::Repository, Action::Push);

    fn project(is_public: bool) -> Project {
        let mut metadata = Metadata::default();
        metadata.set("public", &is_public.to_string()).unwrap();
        Project {
            id: 7,
            name: "team".parse().unwrap(),
            owner_id: 1,
            owner_name: "admin".to_owned(),
            metadata,
            created_at_secs: 0,
            updated_at_secs: 0,
        }
    }

    fn user(is_admin: bool) -> Principal {
        Principal::User(UserIdentity { id: 2, name: "u".to_owned(), groups: Vec::new(), is_admin })
    }

    fn robot(scope: Scope) -> Principal {
        let permissions = vec![Permission { scope, rights: vec![PULL] }];
        Principal::Robot(RobotIdentity { id: 3, name: "robot$r".to_owned(), permissions })
    }

    #[test]
    fn who_may_pull_push_and_see() {
        // (principal, roles, public) -> (pull, push, see)
        for (principal, roles, is_public, expected) in [
            (Principal::Anonymous, vec![], false, (false, false, false)),
            (Principal::Anonymous, vec![], true, (true, false, true)),
            (user(false), vec![], false, (false, false, false)),
            (user(false), vec![], true, (true, false, true)),
            (user(false), vec![Role::Guest], false, (true, false, true)),
            (user(false), vec![Role::LimitedGuest, Role::Developer], false, (true, true, true)),
            (user(true), vec![], false, (true, true, true)),
            (robot(Scope::Project(7)), vec![], false, (true, false, true)),
            (robot(Scope::Project(8)), vec![], false, (false, false, false)),
            (robot(Scope::Project(8)), vec![], true, (true, false, true)),
            (robot(Scope::AllProjects), vec![], false, (true, false, true)),
            (robot(Scope::System), vec![], false, (false, false, false)),
        ] {
            let rights = Rights::new(principal.clone(), project(is_public), roles.clone());
            let is = (rights.allow(PULL.0, PULL.1), rights.allow(PUSH.0, PUSH.1), rights.may_see());
            assert_eq!(is, expected, "{principal:?} as {roles:?}, public: {is_public}");
        }
    }

    #[test]
    fn an_administrator_does_not_pass_gates_as_the_scanner_does() {
        let rights = Rights::new(user(true), project(false), vec![]);
        assert!(!rights.allow(Resource::Repository, Action::ScannerPull));
        assert!(rights.allow(Resource::Project, Action::Delete));
    }

    #[test]
    fn the_system_belongs_to_administrators_and_to_robots_that_were_given_a_part() {
        let listing = (Resource::User, Action::List);
        assert!(system_allows(&user(true), listing.0, listing.1));
        assert!(!system_allows(&user(false), listing.0, listing.1));
        assert!(!system_allows(&Principal::Anonymous, listing.0, listing.1));
        assert!(!system_allows(&robot(Scope::System), listing.0, listing.1));
        assert!(system_allows(&robot(Scope::System), PULL.0, PULL.1));
    }
}
