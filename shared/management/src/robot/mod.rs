//! Harbor's tag `robot`, and the older form of the same below a project.

mod body;
mod change;
mod create;
mod delete;
pub(crate) mod give;
mod list;
mod secret;
mod view;

use berth_identity::robots::Robot;
use berth_projects::{Action, Resource};

use crate::access::{Call, InProject, OfRobot};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::route::{Route, Verb, run};

const TAG: &str = "robot";
const OLD_TAG: &str = "robotv1";
const ONE: &str = "/robots/{robot_id}";
const OLD_ALL: &str = "/projects/{project_name_or_id}/robots";
const OLD_ONE: &str = "/projects/{project_name_or_id}/robots/{robot_id}";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Get, "/robots", "ListRobot", TAG)
        .about("The robots of the system; with q=Level=project,ProjectID=1 those of a project")
        .listing()
        .named(Resource::Robot, Action::List, run!(list::answer)),
    Route::new(Verb::Post, "/robots", "CreateRobot", TAG)
        .about("Make a robot")
        .audited("create", "robot")
        .named(Resource::Robot, Action::Create, run!(create::answer)),
    Route::new(Verb::Get, ONE, "GetRobotByID", TAG).about("A robot").robot(Action::Read, run!(self::get)),
    Route::new(Verb::Put, ONE, "UpdateRobot", TAG)
        .about("Change a robot")
        .audited("update", "robot")
        .robot(Action::Update, run!(change::answer)),
    Route::new(Verb::Patch, ONE, "RefreshSec", TAG)
        .about("Give a robot another secret")
        .audited("update", "robot")
        .robot(Action::Update, run!(secret::answer)),
    Route::new(Verb::Delete, ONE, "DeleteRobot", TAG)
        .about("Remove a robot")
        .audited("delete", "robot")
        .robot(Action::Delete, run!(delete::answer)),
    Route::new(Verb::Get, OLD_ALL, "ListRobotV1", OLD_TAG)
        .about("The robots of a project")
        .listing()
        .project(Resource::Robot, Action::List, run!(list::of_project)),
    Route::new(Verb::Post, OLD_ALL, "CreateRobotV1", OLD_TAG)
        .about("Make a robot of a project")
        .audited("create", "robot")
        .project(Resource::Robot, Action::Create, run!(create::of_project)),
    Route::new(Verb::Get, OLD_ONE, "GetRobotByIDV1", OLD_TAG).about("A robot of a project").project(
        Resource::Robot,
        Action::Read,
        run!(self::get_of_project),
    ),
    Route::new(Verb::Put, OLD_ONE, "UpdateRobotV1", OLD_TAG)
        .about("Change a robot of a project")
        .audited("update", "robot")
        .project(Resource::Robot, Action::Update, run!(change::of_project)),
    Route::new(Verb::Delete, OLD_ONE, "DeleteRobotV1", OLD_TAG)
        .about("Remove a robot of a project")
        .audited("delete", "robot")
        .project(Resource::Robot, Action::Delete, run!(delete::of_project)),
];

async fn get(call: Call<OfRobot>) -> Outcome {
    Ok(Answer::of(&view::view(call.world(), call.robot()).await?))
}

async fn get_of_project(call: Call<InProject>) -> Outcome {
    let robot = find(&call).await?;
    Ok(Answer::of(&view::view(call.world(), &robot).await?))
}

/// The robot in the path, if it is one of the project in the path.
async fn find(call: &Call<InProject>) -> Result<Robot, Failure> {
    let id = call.asked.id("robot_id")?;
    let robot = call.world().directory.robots().get_by_id(id).await?;
    let robot = robot.filter(|robot| robot.project_id() == call.project().id);
    robot.ok_or_else(|| missing(id))
}

fn missing(id: u64) -> Failure {
    Failure::not_found(format!("robot {id} not found"))
}
