//! Harbor's tag `label`: labels of everybody (scope `g`) and of a project (scope `p`).

mod change;
mod create;
mod list;

use berth_audit::calendar;
use berth_projects::{Action, Resource};
use serde::{Deserialize, Serialize};

use crate::access::{Call, OfLabel};
use crate::answer::Answer;
use crate::route::{Route, Verb, run, run_now};
use crate::store::{Label, NewLabel};

const TAG: &str = "label";
const ONE: &str = "/labels/{label_id}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, "/labels", "ListLabels", TAG)
        .about("The labels of everybody (scope=g) or of a project (scope=p&project_id=1)")
        .listing()
        .named(Resource::Label, Action::List, run!(list::answer)),
    Route::new(Verb::Post, "/labels", "CreateLabel", TAG)
        .about("Make a label")
        .audited("create", "label")
        .named(Resource::Label, Action::Create, run!(create::answer)),
    Route::new(Verb::Get, ONE, "GetLabelByID", TAG).about("A label").label(Action::Read, run_now!(self::get)),
    Route::new(Verb::Put, ONE, "UpdateLabel", TAG)
        .about("Change a label")
        .audited("update", "label")
        .label(Action::Update, run!(change::update)),
    Route::new(Verb::Delete, ONE, "DeleteLabel", TAG)
        .about("Remove a label")
        .audited("delete", "label")
        .label(Action::Delete, run!(change::delete)),
];

const GLOBAL: &str = "g";
const OF_PROJECT: &str = "p";

/// A label as it is sent. Whose it is cannot be changed later.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LabelBody {
    name: String,
    description: String,
    color: String,
    scope: String,
    project_id: u64,
}

impl LabelBody {
    fn label(self) -> NewLabel {
        NewLabel { name: self.name, description: self.description, color: self.color }
    }
}

/// A label as it is shown.
#[derive(Debug, Serialize)]
pub(crate) struct LabelView<'a> {
    id: u64,
    name: &'a str,
    description: &'a str,
    color: &'a str,
    scope: &'static str,
    project_id: u64,
    creation_time: String,
    update_time: String,
}

impl<'a> LabelView<'a> {
    pub(crate) fn of(label: &'a Label) -> Self {
        Self {
            id: label.id,
            name: &label.name,
            description: &label.description,
            color: &label.color,
            scope: if label.project_id == 0 { GLOBAL } else { OF_PROJECT },
            project_id: label.project_id,
            creation_time: calendar::rfc3339(label.created_at_secs),
            update_time: calendar::rfc3339(label.updated_at_secs),
        }
    }
}

fn get(call: &Call<OfLabel>) -> Answer {
    Answer::of(&LabelView::of(call.label()))
}
