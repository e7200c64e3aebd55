//! `DELETE /robots/{robot_id}` and `DELETE …/robots/{robot_id}`.

use berth_identity::robots::Robot;

use super::{find, missing};
use crate::access::{Call, InProject, OfRobot};
use crate::answer::{Answer, Outcome};
use crate::world::World;

pub(super) async fn answer(call: Call<OfRobot>) -> Outcome {
    delete(call.world(), call.robot()).await
}

pub(super) async fn of_project(call: Call<InProject>) -> Outcome {
    let robot = find(&call).await?;
    delete(call.world(), &robot).await
}

async fn delete(world: &World, robot: &Robot) -> Outcome {
    if !world.directory.robots().delete(robot.id).await? {
        return Err(missing(robot.id));
    }
    Ok(Answer::ok().about(&robot.full_name))
}
