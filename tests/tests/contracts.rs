//! What the ports promise, on each implementation of them: in memory, and the store on the embedded S3 and DynamoDB.

use std::sync::Arc;
use std::time::Duration;

use berth_protocol::{Digest, RepositoryName};
use berth_registry::{Effect, Ports, StoreError, StoreErrorKind};
use berth_testkit::contract::{Clause, Records, World};
use berth_testkit::{CountingIds, ManualClock, Memory, contract_tests};
use berth_tests::embedded::{BUCKET, Embedded, Fate};
use bytes::Bytes;
use tempfile::TempDir;

contract_tests!(memory, async { Memory::new() });
contract_tests!(store, StoreWorld::open());

/// The store on embedded endpoints, in a folder of its own.
struct StoreWorld {
    embedded: Embedded,
    clock: Arc<ManualClock>,
    _folder: TempDir,
}

impl StoreWorld {
    async fn open() -> Self {
        let folder = TempDir::new().expect("the folder for temporary files is writable");
        let clock = Arc::new(ManualClock::default());
        let ids = Arc::new(CountingIds::default());
        let embedded = Embedded::open(folder.path(), clock.clone(), ids).await;
        Self { embedded, clock, _folder: folder }
    }
}

impl World for StoreWorld {
    fn ports(&self) -> Ports {
        self.embedded.store(Arc::new(|_| Fate::Pass)).ports()
    }

    fn records(&self) -> Records {
        Records::on(self.embedded.store(Arc::new(|_| Fate::Pass)).records())
    }

    async fn stage(&self, repository: &RepositoryName, digest: &Digest, content: Bytes) -> Clause {
        let key = format!("uploads/{repository}/{}/{}", digest.algorithm(), digest.hex());
        let put = self.embedded.s3_client().put_object().bucket(BUCKET).key(key).body(content.into());
        put.send().await.map(|_| ()).map_err(|error| StoreError {
            kind: StoreErrorKind::Unavailable,
            effect: Effect::MayHaveHappened,
            operation: "PutObject",
            source: Some(error.into()),
        })
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }
}
