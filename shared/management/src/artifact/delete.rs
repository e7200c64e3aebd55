//! `DELETE …/artifacts/{reference}`: the artifact with all its tags, its parts that nothing else holds, and its accessories.

use berth_registry::artifact::DeleteArtifactError;

use super::find::{Found, missing};
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let found = Found::of(&call).await?;
    let permit = call.delete(found.repository()).await?;
    let deleted = call.registry().delete_artifact(&permit, &found.artifact.digest).await;
    let deleted = deleted.map_err(|error| match error {
        DeleteArtifactError::Unknown => missing(found.repository(), found.artifact.digest.to_string().as_str()),
        DeleteArtifactError::Needed { by } => Failure::precondition(format!(
            "the artifact is a part of {by}, or of what is just being pushed under that digest: delete that first"
        )),
        DeleteArtifactError::Store(error) => error.into(),
    })?;
    for digest in &deleted {
        call.world().attached.clear(found.repository(), Some(digest)).await?;
    }
    Ok(Answer::ok().about(found.name()))
}
