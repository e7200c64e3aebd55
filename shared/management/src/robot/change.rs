//! `PUT /robots/{robot_id}` and `PUT …/robots/{robot_id}`. Level and name stay as they are.

use berth_identity::robots::{Level, ROBOT_PREFIX, Robot, UpdateRobot};
use berth_projects::Principal;

use super::body::RobotBody;
use super::{find, give, missing};
use crate::access::{Call, InProject, OfRobot};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::world::World;

pub(super) async fn answer(call: Call<OfRobot>) -> Outcome {
    let body: RobotBody = call.asked.json()?;
    update(call.world(), call.principal(), call.robot(), body).await
}

pub(super) async fn of_project(call: Call<InProject>) -> Outcome {
    let body: RobotBody = call.asked.json()?;
    let robot = find(&call).await?;
    update(call.world(), call.principal(), &robot, body.in_project(call.project())).await
}

async fn update(world: &World, changer: &Principal, robot: &Robot, body: RobotBody) -> Outcome {
    body.check()?;
    let (level, short_name) = match &robot.level {
        Level::System => ("system", robot.full_name.strip_prefix(ROBOT_PREFIX)),
        Level::Project { .. } => ("project", robot.full_name.split_once('+').map(|(_, name)| name)),
    };
    let is_same_name =
        body.name.is_empty() || body.name == robot.full_name || Some(&*body.name) == short_name;
    if body.level != level || !is_same_name {
        return Err(Failure::bad_request("cannot update the level or name of robot"));
    }
    let change = UpdateRobot {
        permissions: body.permissions(world, &robot.level).await?,
        description: body.description,
        duration_days: body.duration.unwrap_or(robot.duration_days),
        is_disabled: body.disable,
    };
    change.check(robot).map_err(Failure::bad_request)?;
    give::check(world, changer, &change.permissions).await?;
    if !world.directory.robots().update(robot.id, &change).await? {
        return Err(missing(robot.id));
    }
    Ok(Answer::ok().about(&robot.full_name))
}
