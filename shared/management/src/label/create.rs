//! `POST /labels`.

use berth_projects::{Action, Resource};

use super::{GLOBAL, LabelBody, OF_PROJECT};
use crate::access::{Call, ProjectKey, Undecided};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::request::Asked;
use crate::store::{CreateLabel, NewLabel};
use crate::world::World;

pub(super) async fn answer(call: Call<Undecided>) -> Outcome {
    let body: LabelBody = call.asked.json()?;
    match body.scope.as_str() {
        GLOBAL => {
            let call = call.in_system(Resource::Label, Action::Create)?;
            create(call.world(), &call.asked, 0, body.label()).await
        }
        OF_PROJECT => {
            let key = ProjectKey::Id(body.project_id);
            let call = call.in_project(&key, Resource::Label, Action::Create).await?;
            let answer = create(call.world(), &call.asked, call.project().id, body.label()).await?;
            Ok(answer.in_project(call.project()))
        }
        other => Err(Failure::bad_request(format!("invalid scope: {other}"))),
    }
}

async fn create(world: &World, asked: &Asked, project_id: u64, new: NewLabel) -> Outcome {
    new.check().map_err(Failure::bad_request)?;
    match world.labels.create(project_id, new).await? {
        CreateLabel::Created(label) => Ok(Answer::created(asked, label.id).about(label.name)),
        CreateLabel::Taken => Err(Failure::conflict("there is a label of this name already")),
        CreateLabel::ProjectGone => Err(Failure::not_found(format!("project {project_id} not found"))),
    }
}
