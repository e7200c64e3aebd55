//! `DELETE …/artifacts/{reference}/labels/{label_id}`.

use super::super::find::Found;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

pub(in super::super) async fn answer(call: Call<InProject>) -> Outcome {
    let id = call.asked.id("label_id")?;
    let found = Found::of(&call).await?;
    if !call.world().attached.detach(found.repository(), &found.artifact.digest, id).await? {
        return Err(Failure::not_found(format!("the artifact has no label {id}")));
    }
    Ok(Answer::ok().about(found.name()).saying(format!("remove label {id} from {}", found.name())))
}
