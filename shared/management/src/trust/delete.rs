//! `DELETE /robots/{robot_id}/trust-rules/{rule_id}`. What a workload got in exchange ends with it; a token for the registry that was
//! given before lives to its end.

use crate::access::{Call, OfRobot};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

pub(super) async fn answer(call: Call<OfRobot>) -> Outcome {
    let (robot, id) = (call.robot(), call.asked.id("rule_id")?);
    if !call.world().directory.trust().delete(robot.id, id).await? {
        return Err(Failure::not_found(format!("trust rule {id} of {} not found", robot.full_name)));
    }
    Ok(Answer::ok().about(format!("{}/{id}", robot.full_name)))
}
