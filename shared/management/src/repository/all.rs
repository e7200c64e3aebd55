//! `GET /repositories`: those of all projects that one sees and whose repositories one may list.

use berth_protocol::RepositoryName;

use super::list::COLUMNS;
use crate::access::{Anyone, Call};
use crate::answer::{Answer, Outcome};
use crate::query::Query;

pub(super) async fn answer(call: Call<Anyone>) -> Outcome {
    let query = Query::of(&call.asked, COLUMNS)?;
    let projects = call.visible().listable().await?;
    let all = call.visible().repositories(&projects).await?;
    let names: Vec<RepositoryName> = all.into_values().flatten().collect();
    let found = query.apply(names);
    let views = call.visible().describe_repositories(&projects, &found.items).await?;
    Ok(Answer::page(&call.asked, &found, &views))
}
