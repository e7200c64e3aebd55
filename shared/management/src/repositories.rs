//! How many repositories a project has, and which.

use berth_protocol::RepositoryName;
use berth_registry::StoreError;

use crate::query::MAX_LISTED;
use crate::world::World;

/// The first read is small: most projects have few repositories. Each further one is four times as large.
const FIRST_READ: usize = 16;
const LARGEST_READ: usize = 1000;

/// The repositories of a project, up to [`MAX_LISTED`].
pub(crate) async fn of_project(world: &World, project: &str) -> Result<Vec<RepositoryName>, StoreError> {
    read(world, &format!("{project}/")).await
}

/// All repositories, up to [`MAX_LISTED`].
pub(crate) async fn all(world: &World) -> Result<Vec<RepositoryName>, StoreError> {
    read(world, "").await
}

async fn read(world: &World, prefix: &str) -> Result<Vec<RepositoryName>, StoreError> {
    let mut found: Vec<RepositoryName> = Vec::new();
    let (mut after, mut limit) = (Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty()), FIRST_READ);
    loop {
        let page = world.repositories.list(after.as_deref(), limit).await?;
        let (known, count) = (found.len(), page.items.len());
        found.extend(page.items.into_iter().take_while(|name| name.as_str().starts_with(prefix)));
        // The first name of another project ends it.
        let is_over = !page.more || found.len() < known + count || found.len() == known;
        if is_over || found.len() >= MAX_LISTED {
            found.truncate(MAX_LISTED);
            return Ok(found);
        }
        after = found.last().map(ToString::to_string);
        limit = (limit * 4).min(LARGEST_READ);
    }
}
