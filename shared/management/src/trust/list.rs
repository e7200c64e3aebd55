//! `GET /robots/{robot_id}/trust-rules`: all of them, for there are few.

use super::view::RuleView;
use crate::access::{Call, OfRobot};
use crate::answer::{Answer, Outcome, TOTAL_COUNT};

pub(super) async fn answer(call: Call<OfRobot>) -> Outcome {
    let rules = call.world().directory.trust().of_robot(call.robot().id).await?;
    let views: Vec<RuleView> = rules.iter().map(RuleView::of).collect();
    Ok(Answer::of(&views).header(TOTAL_COUNT, &views.len().to_string()))
}
