//! `GET /projects/{project_name}/repositories`.

use berth_protocol::RepositoryName;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use super::view::RepositoryView;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::query::{Column, Field, Query};
use crate::repositories;

/// What can be asked for: what is known of all repositories without looking into each of them.
pub(super) const COLUMNS: &[Column<RepositoryName>] =
    &[Column { name: "name", get: |name| Field::text(name.as_str()) }];
/// How many repositories are looked into at a time.
pub(super) const SIDE_BY_SIDE: usize = 8;

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let query = Query::of(&call.asked, COLUMNS)?;
    let all = repositories::of_project(call.world(), call.project().name.as_str()).await?;
    let found = query.apply(all);
    let views: Vec<_> = found.items.iter().map(|name| view(&call, name).boxed()).collect();
    let views: Vec<Option<RepositoryView>> = stream::iter(views).buffered(SIDE_BY_SIDE).try_collect().await?;
    // One that was deleted meanwhile is left out.
    let views: Vec<RepositoryView> = views.into_iter().flatten().collect();
    Ok(Answer::page(&call.asked, &found, &views))
}

async fn view(call: &Call<InProject>, name: &RepositoryName) -> Result<Option<RepositoryView>, Failure> {
    let permit = call.pull(name).await?;
    Ok(RepositoryView::read(call.world(), call.project(), &permit).await?)
}
