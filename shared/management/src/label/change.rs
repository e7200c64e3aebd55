//! `PUT` and `DELETE /labels/{label_id}`.

use super::LabelBody;
use crate::access::{Call, OfLabel};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::store::UpdateLabel;

/// Name, description and color; never whose it is.
pub(super) async fn update(call: Call<OfLabel>) -> Outcome {
    let body: LabelBody = call.asked.json()?;
    let new = body.label();
    new.check().map_err(Failure::bad_request)?;
    let id = call.label().id;
    match call.world().labels.update(id, &new).await? {
        UpdateLabel::Updated => Ok(Answer::ok().about(new.name)),
        UpdateLabel::Unknown => Err(Failure::not_found(format!("label {id} not found"))),
        UpdateLabel::Conflict => Err(Failure::conflict("there is a label of this name already")),
    }
}

pub(super) async fn delete(call: Call<OfLabel>) -> Outcome {
    let label = call.label();
    if !call.world().labels.delete(label.id).await? {
        return Err(Failure::not_found(format!("label {} not found", label.id)));
    }
    Ok(Answer::ok().about(&label.name))
}
