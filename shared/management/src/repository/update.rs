//! `PUT /projects/{project_name}/repositories/{repository_name}`: the description alone can be changed.

use serde::Deserialize;

use super::name::{missing, name_of};
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::store::MAX_DESCRIPTION_BYTES;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RepositoryBody {
    description: String,
}

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let body: RepositoryBody = call.asked.json()?;
    let name = name_of(&call)?;
    if body.description.len() > MAX_DESCRIPTION_BYTES {
        let message = format!("the description of a repository has at most {MAX_DESCRIPTION_BYTES} bytes");
        return Err(Failure::bad_request(message));
    }
    let permit = call.pull(&name).await?;
    if call.registry().repository(&permit).await?.is_none() {
        return Err(missing(&name));
    }
    call.world().descriptions.set(&name, body.description).await?;
    Ok(Answer::ok().about(name))
}
