//! `POST /robots/{robot_id}/trust-rules`.

use berth_identity::trust::{
    CreateTrustRule, MAX_RULES_PER_ISSUER, MAX_RULES_PER_ROBOT, NewTrustRule, Trusted,
};

use super::body;
use super::view::RuleView;
use crate::access::{Call, OfRobot};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::robot::give;
use crate::world::World;

pub(super) async fn answer(call: Call<OfRobot>) -> Outcome {
    let (world, robot) = (call.world(), call.robot());
    let trusted = body::read(&call.asked, host(&world.settings.external_url))?;
    let new = NewTrustRule { trusted, creator: call.name().to_owned() };
    new.check().map_err(Failure::bad_request)?;
    check_issuer(world, &new.trusted)?;
    // Whoever can become a robot has its rights.
    give::check(world, call.principal(), &robot.permissions).await?;
    match world.directory.trust().create(robot, new).await? {
        CreateTrustRule::Created(rule) => {
            let name = rule.trusted.name();
            let about = format!("{}/{}", robot.full_name, rule.id);
            let description = format!("workloads that fit the rule {name:?} are {}", robot.full_name);
            Ok(Answer::created(&call.asked, rule.id)
                .json(&RuleView::of(&rule))
                .about(about)
                .saying(description))
        }
        CreateTrustRule::RobotFull => Err(Failure::precondition(format!(
            "a robot has at most {MAX_RULES_PER_ROBOT} trust rules: remove one, or use a pattern or another robot"
        ))),
        CreateTrustRule::IssuerFull => Err(Failure::precondition(format!(
            "there are {MAX_RULES_PER_ISSUER} rules for this issuer or account: remove one, or use a pattern"
        ))),
        CreateTrustRule::RobotGone => Err(Failure::not_found(format!("robot {} not found", call.robot().id))),
        CreateTrustRule::Contended => {
            Err(Failure::conflict("others are changing the rules of this robot; try again"))
        }
    }
}

/// An issuer that could never be asked is a mistake that is best told now.
fn check_issuer(world: &World, trusted: &Trusted) -> Result<(), Failure> {
    let Some(workloads) = world.directory.workloads() else {
        return Err(Failure::precondition("this registry lets no workloads sign in"));
    };
    let Trusted::Token(rule) = trusted else { return Ok(()) };
    workloads.check_issuer(rule).map_err(|refusal| {
        Failure::bad_request(format!("the issuer cannot be asked for its keys: {refusal}"))
    })
}

/// Host and port, as clients name the registry.
fn host(external_url: &str) -> &str {
    let rest = external_url.split_once("://").map_or(external_url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
