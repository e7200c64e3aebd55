//! Harbor's tag `systeminfo`, and the version of the API.

mod get;
mod volumes;

use berth_projects::{Action, Resource};

use crate::access::{Anyone, Call};
use crate::answer::Answer;
use crate::route::{Need, Route, Verb, run, run_now};

const TAG: &str = "systeminfo";

pub(crate) const ROUTES: &[Route] =
    &[
        Route::new(Verb::Get, "/systeminfo", "getSystemInfo", TAG)
            .about("What this registry says about itself")
            .anyone(run!(get::answer)),
        Route::new(Verb::Get, "/systeminfo/volumes", "getVolumes", TAG)
            .about("How much room there is")
            .system(Resource::SystemVolumes, Action::Read, run_now!(volumes::answer)),
        // The certificate of the host comes from an authority that clients trust already.
        Route::new(Verb::Get, "/systeminfo/getcert", "getCert", TAG)
            .about("The root certificate, if clients need one")
            .none(Need::Anyone, "a root certificate"),
        Route::new(Verb::Get, "/api/version", "getVersion", TAG)
            .about("The version of this API")
            .anyone(run_now!(self::version)),
    ];

fn version(_: &Call<Anyone>) -> Answer {
    Answer::of(&serde_json::json!({ "version": "v2.0" }))
}
