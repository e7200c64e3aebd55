//! `DELETE …/artifacts/{reference}/tags/{tag_name}`.

use berth_protocol::{Reference, Tag};
use berth_registry::manifest::DeleteManifestError;

use super::super::find::Found;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

pub(in super::super) async fn answer(call: Call<InProject>) -> Outcome {
    let found = Found::of(&call).await?;
    let name = call.asked.parameter("tag_name");
    let missing = || Failure::not_found(format!("tag {name} attached to {} not found", found.name()));
    let reference = Reference::Tag(Tag::parse(name).map_err(|_| missing())?);
    let named = call.registry().head_manifest(&found.permit, &reference).await?;
    if named.is_none_or(|named| named.digest != found.artifact.digest) {
        return Err(missing());
    }
    let permit = call.delete(found.repository()).await?;
    match call.registry().delete_manifest(&permit, &reference).await {
        Ok(()) => Ok(Answer::ok().about(format!("{}:{name}", found.repository()))),
        Err(DeleteManifestError::Unknown) => Err(missing()),
        Err(DeleteManifestError::Store(error)) => Err(error.into()),
    }
}
