//! `POST …/artifacts/{reference}/labels`: a label of everybody or of the project.

use serde::Deserialize;

use super::super::find::Found;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::store::Attach;

/// A label as it is sent. Only its number counts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LabelBody {
    id: u64,
}

pub(in super::super) async fn answer(call: Call<InProject>) -> Outcome {
    let LabelBody { id } = call.asked.json()?;
    let project_id = call.project().id;
    let label = call.world().labels.get(id).await?;
    let label = label.filter(|label| label.project_id == 0 || label.project_id == project_id);
    let label = label.ok_or_else(|| Failure::not_found(format!("label {id} not found")))?;
    let found = Found::of(&call).await?;
    let artifact = &found.artifact;
    let attached = &call.world().attached;
    match attached.attach(found.repository(), &artifact.digest, artifact.pushed_at_secs, id).await? {
        Attach::Attached => Ok(Answer::ok().about(found.name()).saying(format!(
            "add label {} to {}",
            label.name,
            found.name()
        ))),
        Attach::Repeated => Err(Failure::conflict(format!("label {id} is already added to the artifact"))),
    }
}
