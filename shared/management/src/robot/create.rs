//! `POST /robots` and `POST …/robots`.

use berth_audit::calendar;
use berth_identity::robots::{CreateRobot, Level, NewRobot};
use berth_projects::{Action, Principal, Project, Resource};
use serde_json::json;

use super::body::RobotBody;
use super::give;
use super::view::expires_at;
use crate::access::{Call, InProject, Undecided};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::request::Asked;
use crate::world::World;

pub(super) async fn answer(call: Call<Undecided>) -> Outcome {
    let body: RobotBody = call.asked.json()?;
    body.check()?;
    if body.level == "system" {
        let call = call.in_system(Resource::Robot, Action::Create)?;
        let place = Place { world: call.world(), asked: &call.asked, maker: call.principal(), project: None };
        return place.create(body).await;
    }
    let call = call.in_project(&body.project_key(), Resource::Robot, Action::Create).await?;
    create_in(&call, body).await
}

pub(super) async fn of_project(call: Call<InProject>) -> Outcome {
    let body: RobotBody = call.asked.json()?;
    let body = body.in_project(call.project());
    body.check()?;
    create_in(&call, body).await
}

async fn create_in(call: &Call<InProject>, body: RobotBody) -> Outcome {
    let project = Some(call.project());
    let place = Place { world: call.world(), asked: &call.asked, maker: call.principal(), project };
    place.create(body).await
}

/// Where a robot is made, by whom.
struct Place<'a> {
    world: &'a World,
    asked: &'a Asked,
    maker: &'a Principal,
    /// `None` for the system.
    project: Option<&'a Project>,
}

impl Place<'_> {
    async fn create(&self, body: RobotBody) -> Outcome {
        let level = match self.project {
            None => Level::System,
            Some(project) => Level::Project { id: project.id, name: project.name.to_string() },
        };
        let permissions = body.permissions(self.world, &level).await?;
        let duration_days = match body.duration {
            Some(days) => days,
            None => self.world.configuration.get().await?.robot_duration_days(),
        };
        let new = NewRobot {
            name: body.name,
            level,
            description: body.description,
            duration_days,
            is_disabled: body.disable,
            permissions,
            creator: self.maker.name().unwrap_or_default().to_owned(),
        };
        new.check().map_err(Failure::bad_request)?;
        give::check(self.world, self.maker, &new.permissions).await?;
        match self.world.directory.robots().create(new).await? {
            CreateRobot::Created { robot, secret } => {
                let view = json!({
                    "id": robot.id,
                    "name": robot.full_name,
                    "secret": secret,
                    "creation_time": calendar::rfc3339(robot.created_at_secs),
                    "expires_at": expires_at(&robot),
                });
                let answer =
                    Answer::created(self.asked, robot.id).json(&view).secret().about(&robot.full_name);
                Ok(match self.project {
                    Some(project) => answer.in_project(project),
                    None => answer,
                })
            }
            CreateRobot::Taken => Err(Failure::conflict("there is a robot of this name already")),
            CreateRobot::ProjectGone => Err(Failure::not_found("the project is gone")),
        }
    }
}
