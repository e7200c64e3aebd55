//! `PATCH /robots/{robot_id}`: another secret. One that is sent is taken and not shown; one that is made is shown this once. The old
//! one is good no longer.

use berth_identity::check_strength;
use serde::Deserialize;
use serde_json::json;

use super::{give, missing};
use crate::access::{Call, OfRobot};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

#[derive(Default, Deserialize)]
#[serde(default)]
struct SecretBody {
    secret: String,
}

pub(super) async fn answer(call: Call<OfRobot>) -> Outcome {
    let body: SecretBody = call.asked.json()?;
    let (world, robot) = (call.world(), call.robot());
    // Whoever knows a robot's secret has its rights.
    give::check(world, call.principal(), &robot.permissions).await?;
    let robots = world.directory.robots();
    let shown = if body.secret.is_empty() {
        robots.renew_secret(robot.id, 0).await?.ok_or_else(|| missing(robot.id))?
    } else {
        check_strength(&body.secret).map_err(Failure::bad_request)?;
        let hash = world.directory.hash_password(&body.secret).await;
        let hash = hash.ok_or_else(|| Failure::bad_request("the secret cannot be used"))?;
        if !robots.set_secret(robot.id, &hash, 0).await? {
            return Err(missing(robot.id));
        }
        String::new()
    };
    let answer = Answer::of(&json!({ "secret": shown })).secret().about(&robot.full_name);
    Ok(answer.saying(format!("{} has a new secret", robot.full_name)))
}
