use std::sync::Arc;

use berth_registry::ports::{BlobWrite, Staging, UploadData};
use berth_registry::{Clock, Ids, Ports, StoreError};

use crate::no_uploads::NoUploads;
use crate::{Manifests, S3, Table};

/// All of the registry's storage: one bucket and one table.
#[derive(Clone)]
pub struct Store {
    s3: S3,
    table: Table,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl Store {
    /// Storage in `bucket` and `table`, which exist.
    #[expect(clippy::needless_pass_by_value, reason = "a store owns its clients")]
    pub fn new(
        s3: aws_sdk_s3::Client,
        dynamodb: aws_sdk_dynamodb::Client,
        bucket: impl Into<String>,
        table: impl Into<String>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Self {
        let table = Table::new(dynamodb, table, Arc::clone(&clock), Arc::clone(&ids));
        Self { s3: S3::new(&s3, bucket), table, clock, ids }
    }

    /// The file `config/networks`; `None` if there is none.
    pub async fn networks(&self) -> Result<Option<String>, StoreError> {
        self.s3.networks().await
    }

    /// The ports for records, `RecordRead` and `RecordWrite`, on this storage.
    pub fn records(&self) -> Arc<Table> {
        Arc::new(self.table.clone())
    }

    /// The ports on this storage.
    pub fn ports(&self) -> Ports {
        let s3 = Arc::new(self.s3.clone());
        self.ports_taking(s3.clone(), s3.clone(), s3)
    }

    /// The same for a process that takes no content from clients: what is staged it does not see, and it stores no blobs.
    pub fn ports_without_uploads(&self) -> Ports {
        self.ports_taking(Arc::new(NoUploads), Arc::new(NoUploads), Arc::new(NoUploads))
    }

    fn ports_taking(
        &self,
        blob_write: Arc<dyn BlobWrite>,
        staging: Arc<dyn Staging>,
        upload_data: Arc<dyn UploadData>,
    ) -> Ports {
        let table = Arc::new(self.table.clone());
        let manifests = Arc::new(Manifests::new(self.table.clone(), self.s3.clone()));
        Ports {
            blob_read: Arc::new(self.s3.clone()),
            blob_write,
            staging,
            link_read: table.clone(),
            link_write: table.clone(),
            manifest_read: manifests.clone(),
            manifest_write: manifests.clone(),
            manifest_delete: table.clone(),
            tags: table.clone(),
            repositories: table.clone(),
            referrers: manifests,
            artifacts: table.clone(),
            catalog: table.clone(),
            upload_states: table,
            upload_data,
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("s3", &self.s3).field("table", &self.table).finish_non_exhaustive()
    }
}
