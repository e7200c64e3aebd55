//! Lets in, or refuses.

use std::sync::Arc;

use berth_projects::{Action, Principal, Resource, Rights, system_allows};

use super::project::{ProjectKey, rights};
use super::{Anyone, Call, InProject, InSystem, OfLabel, OfRobot, OfUser, SignedIn, Undecided, reference};
use crate::failure::Failure;
use crate::request::Asked;
use crate::world::World;

/// A request at the door.
pub(crate) struct Gate {
    pub(crate) world: Arc<World>,
    pub(crate) principal: Principal,
    pub(crate) asked: Asked,
}

impl Gate {
    pub(super) fn call<L>(self, leave: impl FnOnce(Principal) -> L) -> Call<L> {
        Call { leave: leave(self.principal), asked: self.asked, world: self.world }
    }

    pub(crate) fn anyone(self) -> Call<Anyone> {
        self.call(Anyone)
    }

    pub(crate) fn signed_in(self) -> Result<Call<SignedIn>, Failure> {
        self.known()?;
        Ok(self.call(SignedIn))
    }

    pub(crate) fn undecided(self) -> Result<Call<Undecided>, Failure> {
        self.known()?;
        Ok(self.call(Undecided))
    }

    pub(crate) fn in_system(self, resource: Resource, action: Action) -> Result<Call<InSystem>, Failure> {
        self.known()?;
        if !system_allows(&self.principal, resource, action) {
            return Err(Failure::forbidden());
        }
        Ok(self.call(InSystem))
    }

    pub(crate) async fn in_project(
        self,
        resource: Resource,
        action: Action,
    ) -> Result<Call<InProject>, Failure> {
        let key = ProjectKey::of(&self.asked);
        let rights = rights(&self.world, &self.principal, &key, resource, action).await?;
        let leave = InProject { rights, need: (resource, action) };
        Ok(Call { leave, asked: self.asked, world: self.world })
    }

    /// Whoever may not read a robot does not learn that there is one.
    pub(crate) async fn of_robot(self, action: Action) -> Result<Call<OfRobot>, Failure> {
        self.known()?;
        let id = self.asked.id("robot_id")?;
        let missing = || Failure::not_found(format!("robot {id} not found"));
        let robot = self.world.directory.robots().get_by_id(id).await?.ok_or_else(missing)?;
        let place = self.place(robot.project_id()).await?;
        if !place.allows(&self.principal, Resource::Robot, Action::Read) {
            return Err(missing());
        }
        if !place.allows(&self.principal, Resource::Robot, action) {
            return Err(Failure::forbidden());
        }
        Ok(self.call(|principal| OfRobot { principal, robot }))
    }

    /// Whoever may not read a label does not learn that there is one. That there are some for everybody is no secret.
    pub(crate) async fn of_label(self, action: Action) -> Result<Call<OfLabel>, Failure> {
        self.known()?;
        let id = self.asked.id("label_id")?;
        let missing = || Failure::not_found(format!("label {id} not found"));
        let label = self.world.labels.get(id).await?.ok_or_else(missing)?;
        let place = self.place(label.project_id).await?;
        if label.project_id != 0 && !place.allows(&self.principal, Resource::Label, Action::Read) {
            return Err(missing());
        }
        if !place.allows(&self.principal, Resource::Label, action) {
            return Err(Failure::forbidden());
        }
        let project = match place {
            Place::Project(rights) => Some(reference(rights.project())),
            Place::System | Place::Gone => None,
        };
        Ok(self.call(|principal| OfLabel { principal, label, project }))
    }

    /// `own` says whether everybody may do this with himself.
    pub(crate) fn of_user(self, action: Action, own: bool) -> Result<Call<OfUser>, Failure> {
        self.known()?;
        let id = self.asked.id("user_id")?;
        let is_self = self.principal.user().is_some_and(|user| user.id == id);
        if !(own && is_self || system_allows(&self.principal, Resource::User, action)) {
            return Err(Failure::forbidden());
        }
        Ok(self.call(|principal| OfUser { principal, id }))
    }

    /// Refuses whoever has not signed in.
    pub(crate) fn known(&self) -> Result<(), Failure> {
        if self.principal == Principal::Anonymous { Err(Failure::unauthorized()) } else { Ok(()) }
    }

    /// Where something is that belongs to the project with this number; to the system, if that is 0.
    async fn place(&self, project_id: u64) -> Result<Place, Failure> {
        if project_id == 0 {
            return Ok(Place::System);
        }
        let projects = &self.world.projects;
        let Some(project) = projects.get_by_id(project_id).await? else { return Ok(Place::Gone) };
        Ok(Place::Project(Box::new(projects.rights_in(&self.principal, project).await?)))
    }
}

/// Where something is.
enum Place {
    System,
    /// With what he may do there.
    Project(Box<Rights>),
    /// In a project that is not there any more.
    Gone,
}

impl Place {
    fn allows(&self, principal: &Principal, resource: Resource, action: Action) -> bool {
        match self {
            Self::System => system_allows(principal, resource, action),
            Self::Project(rights) => rights.allow(resource, action),
            Self::Gone => false,
        }
    }
}
