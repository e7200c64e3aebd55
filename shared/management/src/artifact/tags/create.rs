//! `POST …/artifacts/{reference}/tags`.

use berth_protocol::Tag;
use berth_registry::artifact::CreateTagError;
use serde::Deserialize;

use super::super::find::{Found, missing};
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TagBody {
    name: String,
}

pub(in super::super) async fn answer(call: Call<InProject>) -> Outcome {
    let body: TagBody = call.asked.json()?;
    let tag = Tag::parse(&body.name)
        .map_err(|_| Failure::bad_request(format!("{:?} is no name of a tag", body.name)))?;
    let found = Found::of(&call).await?;
    let permit = call.push(found.repository()).await?;
    let created = call.registry().create_tag(&permit, &found.artifact.digest, &tag).await;
    created.map_err(|error| match error {
        CreateTagError::Unknown => missing(found.repository(), found.artifact.digest.to_string().as_str()),
        CreateTagError::Taken(_) => Failure::conflict(format!("tag {tag} already exists")),
        CreateTagError::ProjectGone => Failure::not_found("the project was deleted meanwhile"),
        CreateTagError::Contended => Failure::conflict("others keep changing the same artifact; try again"),
        CreateTagError::Store(error) => error.into(),
    })?;
    Ok(Answer::created(&call.asked, &tag).about(format!("{}:{tag}", found.repository())))
}
