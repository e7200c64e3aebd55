//! What people say about repositories.
//!
//! ```text
//! partition                  sort           document
//! repository-descriptions    <repository>   Description
//! ```

use std::sync::Arc;

use berth_protocol::RepositoryName;
use berth_records::{Change, Expect, Key, RecordRead, RecordWrite, get, put};
use berth_registry::{Clock, StoreError};
use serde::{Deserialize, Serialize};

pub(crate) const MAX_DESCRIPTION_BYTES: usize = 64 * 1024;

/// What somebody said about a repository. Older than the repository, it is about one of the same name that is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) text: String,
    pub(crate) updated_at_secs: u64,
}

/// All descriptions. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Descriptions {
    read: Arc<dyn RecordRead>,
    write: Arc<dyn RecordWrite>,
    clock: Arc<dyn Clock>,
}

impl Descriptions {
    pub(crate) fn new(read: Arc<dyn RecordRead>, write: Arc<dyn RecordWrite>, clock: Arc<dyn Clock>) -> Self {
        Self { read, write, clock }
    }

    /// That of a repository which was made at this time.
    pub(crate) async fn get(
        &self,
        repository: &RepositoryName,
        created_at_secs: u64,
    ) -> Result<Option<Description>, StoreError> {
        let stored = get::<Description>(&*self.read, key(repository)).await?.map(|stored| stored.value);
        Ok(stored.filter(|description| description.updated_at_secs >= created_at_secs))
    }

    pub(crate) async fn set(&self, repository: &RepositoryName, text: String) -> Result<(), StoreError> {
        let description = Description { text, updated_at_secs: self.clock.now_secs() };
        self.write.write(vec![put(key(repository), &description, Expect::Anything)]).await?;
        Ok(())
    }

    pub(crate) async fn delete(&self, repository: &RepositoryName) -> Result<(), StoreError> {
        self.write.write(vec![Change::delete(key(repository))]).await?;
        Ok(())
    }
}

fn key(repository: &RepositoryName) -> Key {
    Key::new("repository-descriptions", repository.as_str())
}
