//! Harbor's tag `configure`.

mod get;
mod mode;
mod update;

use berth_projects::{Action, Resource};

use crate::route::{Need, Route, Verb, run};

const TAG: &str = "configure";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, "/configurations", "getConfigurations", TAG)
        .about("What is configured, and what of it can be changed here")
        .system(Resource::Configuration, Action::Read, run!(get::answer)),
    Route::new(Verb::Put, "/configurations", "updateConfigurations", TAG)
        .about("Change what is configured")
        .audited("update", "configuration")
        .system(Resource::Configuration, Action::Update, run!(update::answer)),
    // For the parts of Harbor among themselves. There are none here, so nobody is one.
    Route::new(Verb::Get, "/internalconfig", "getInternalconfig", TAG)
        .about("Nothing: it is for the parts of Harbor among themselves")
        .not_yet(Need::Nobody, "the configuration of Harbor's parts"),
];
