//! Who gets in, and what he gets: a [`Call`], which is the only way from a handler to the data.
//!
//! A call carries its leave. Leaves are made in `gate.rs` and here, nowhere else, after the route's [`Need`] was met; so the table of
//! routes is also the table of who may do what.

mod gate;
mod permits;
mod project;

use std::sync::Arc;

use berth_audit::ProjectRef;
use berth_configuration::Configuration;
use berth_identity::robots::{Level, Robot};
use berth_projects::{Action, Principal, Project, ProjectName, Resource, Rights};

pub(crate) use gate::Gate;
pub(crate) use permits::listed;
pub(crate) use project::ProjectKey;

use crate::failure::Failure;
use crate::request::Asked;
use crate::settings::Settings;
use crate::store::Label;
use crate::visible::Visible;
use crate::world::World;

/// Anybody. Gets no data but what he sees in listings and what is public knowledge.
pub(crate) struct Anyone(Principal);
/// Somebody who has signed in, for what everybody may do who has.
pub(crate) struct SignedIn(Principal);
/// Somebody who has signed in, for what the request alone says where it belongs. Gets no data before that is decided.
pub(crate) struct Undecided(Principal);
/// Somebody who may do this in the system.
pub(crate) struct InSystem(Principal);
/// Somebody who may do this in this project.
pub(crate) struct InProject {
    rights: Rights,
    /// What the route needs, which these rights allow.
    need: (Resource, Action),
}
/// Somebody who may do this with this robot.
pub(crate) struct OfRobot {
    principal: Principal,
    robot: Robot,
}
/// Somebody who may do this with this label.
pub(crate) struct OfLabel {
    principal: Principal,
    label: Label,
    project: Option<ProjectRef>,
}
/// Somebody who may do this with the user of this number: it is himself, or he may do it with all.
pub(crate) struct OfUser {
    principal: Principal,
    id: u64,
}

/// A request that was let in.
pub(crate) struct Call<L> {
    leave: L,
    pub(crate) asked: Asked,
    world: Arc<World>,
}

/// A leave knows whose it is.
pub(crate) trait Leave {
    fn principal(&self) -> &Principal;
}

/// A leave that the data is open to.
pub(crate) trait Opens: Leave {}

impl<L: Leave> Call<L> {
    pub(crate) fn principal(&self) -> &Principal {
        self.leave.principal()
    }

    /// The name of whoever asks; empty for nobody in particular.
    pub(crate) fn name(&self) -> &str {
        self.principal().name().unwrap_or_default()
    }

    /// The projects that he sees in listings.
    pub(crate) fn visible(&self) -> Visible<'_> {
        Visible::new(&self.world, self.leave.principal())
    }
}

impl<L: Opens> Call<L> {
    pub(crate) fn world(&self) -> &World {
        &self.world
    }
}

impl Call<Anyone> {
    pub(crate) fn is_anonymous(&self) -> bool {
        *self.principal() == Principal::Anonymous
    }

    /// Whether he may know that there is a project of this name.
    pub(crate) async fn sees(&self, name: &str) -> Result<bool, Failure> {
        let Ok(name) = name.parse::<ProjectName>() else { return Ok(false) };
        let rights = self.world.projects.rights(self.principal(), &name).await?;
        Ok(rights.is_some_and(|rights| rights.may_see()))
    }

    /// For signing in and out, which is for nobody in particular: `session/` alone uses it.
    pub(crate) fn door(&self) -> &World {
        &self.world
    }

    /// What everybody may read who asks.
    pub(crate) fn configuration(&self) -> &Configuration {
        &self.world.configuration
    }

    /// What the deployment says about itself.
    pub(crate) fn settings(&self) -> &Settings {
        &self.world.settings
    }

    pub(crate) fn now_secs(&self) -> u64 {
        self.world.clock.now_secs()
    }

    /// Whether storage answers.
    pub(crate) async fn is_storage_well(&self) -> bool {
        self.world.configuration.get().await.is_ok()
    }
}

impl Call<Undecided> {
    /// The same call, if he may do this in the system.
    pub(crate) fn in_system(self, resource: Resource, action: Action) -> Result<Call<InSystem>, Failure> {
        self.gate().in_system(resource, action)
    }

    /// The same call, if he may do this in the project.
    pub(crate) async fn in_project(
        self,
        key: &ProjectKey,
        resource: Resource,
        action: Action,
    ) -> Result<Call<InProject>, Failure> {
        let Gate { world, principal, asked } = self.gate();
        let rights = project::rights(&world, &principal, key, resource, action).await?;
        Ok(Call { leave: InProject { rights, need: (resource, action) }, asked, world })
    }

    /// The same call, for what everybody may do who has signed in.
    pub(crate) fn signed_in(self) -> Call<SignedIn> {
        self.gate().call(SignedIn)
    }

    fn gate(self) -> Gate {
        Gate { principal: self.leave.0, asked: self.asked, world: self.world }
    }
}

impl Call<InProject> {
    pub(crate) fn project(&self) -> &Project {
        self.leave.rights.project()
    }

    pub(crate) fn rights(&self) -> &Rights {
        &self.leave.rights
    }
}

impl Call<OfRobot> {
    pub(crate) fn robot(&self) -> &Robot {
        &self.leave.robot
    }
}

impl Call<OfLabel> {
    pub(crate) fn label(&self) -> &Label {
        &self.leave.label
    }
}

impl Call<OfUser> {
    pub(crate) fn user_id(&self) -> u64 {
        self.leave.id
    }

    pub(crate) fn is_self(&self) -> bool {
        self.principal().user().is_some_and(|user| user.id == self.leave.id)
    }
}

/// Where a call took place, for the audit log.
pub(crate) trait Scene {
    fn project_ref(&self) -> Option<ProjectRef> {
        None
    }
}

impl Scene for Anyone {}
impl Scene for SignedIn {}
impl Scene for Undecided {}
impl Scene for InSystem {}
impl Scene for OfUser {}

impl Scene for InProject {
    fn project_ref(&self) -> Option<ProjectRef> {
        Some(reference(self.rights.project()))
    }
}

impl Scene for OfRobot {
    fn project_ref(&self) -> Option<ProjectRef> {
        match &self.robot.level {
            Level::System => None,
            Level::Project { id, name } => Some(ProjectRef { id: *id, name: name.clone() }),
        }
    }
}

impl Scene for OfLabel {
    fn project_ref(&self) -> Option<ProjectRef> {
        self.project.clone()
    }
}

impl<L: Scene> Call<L> {
    pub(crate) fn project_ref(&self) -> Option<ProjectRef> {
        self.leave.project_ref()
    }
}

fn reference(project: &Project) -> ProjectRef {
    ProjectRef { id: project.id, name: project.name.to_string() }
}

macro_rules! leaves {
    ($($name:ident => |$leave:ident| $principal:expr;)+) => {
        $(impl Leave for $name {
            fn principal(&self) -> &Principal {
                let $leave = self;
                $principal
            }
        })+
    };
}

leaves! {
    Anyone => |leave| &leave.0;
    SignedIn => |leave| &leave.0;
    Undecided => |leave| &leave.0;
    InSystem => |leave| &leave.0;
    InProject => |leave| leave.rights.principal();
    OfRobot => |leave| &leave.principal;
    OfLabel => |leave| &leave.principal;
    OfUser => |leave| &leave.principal;
}

impl Opens for SignedIn {}
impl Opens for InSystem {}
impl Opens for InProject {}
impl Opens for OfRobot {}
impl Opens for OfLabel {}
impl Opens for OfUser {}
