//! `DELETE /projects/{project_name}/repositories/{repository_name}`.
//!
//! The artifacts go first, each with its tags; then what was said about them; the repository itself goes last. Whatever breaks off
//! leaves a repository that is listed and can be deleted by the same request. What does not fit into one request says so.

use berth_registry::ports::RepositoryRemoval;

use super::name::{missing, name_of};
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

/// How long one request deletes: a function and the distribution in front of it wait for 60 s at most.
const WORK_SECS: u64 = 25;
/// How often a request begins again because somebody pushed meanwhile.
const MAX_ROUNDS: usize = 3;

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let name = name_of(&call)?;
    let permit = call.delete(&name).await?;
    let (world, registry) = (call.world(), call.registry());
    if registry.repository(&call.pull(&name).await?).await?.is_none() {
        return Err(missing(&name));
    }
    let until_secs = world.clock.now_secs() + WORK_SECS;
    for _ in 0..MAX_ROUNDS {
        let cleared = registry.clear_repository(&permit, until_secs).await?;
        if !cleared.is_done {
            return Err(Failure::conflict(format!(
                "{} artifacts of repository {name} are deleted, and there are more; send the request again to go on",
                cleared.deleted
            )));
        }
        world.attached.clear(&name, None).await?;
        world.descriptions.delete(&name).await?;
        match registry.remove_repository(&permit).await? {
            RepositoryRemoval::Removed | RepositoryRemoval::Absent => return Ok(Answer::ok().about(name)),
            RepositoryRemoval::NotEmpty => {}
            RepositoryRemoval::Busy => {
                return Err(Failure::conflict(format!(
                    "the artifacts of repository {name} are deleted, but somebody is pushing to it, or a push broke off within the \
                     last hour; send the request again later"
                )));
            }
        }
    }
    Err(Failure::conflict(format!("others keep pushing to repository {name}; try again")))
}
