//! A store in a temporary folder with an SDK client before it.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_sdk_s3::{
    Client,
    config::Credentials,
    error::{ProvideErrorMetadata, SdkError},
    operation::head_object::HeadObjectError,
    primitives::ByteStream,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use berth_local::s3::{self, Connector, S3Options, Store, SyncMode};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub(crate) const BUCKET: &str = "blobs";
pub(crate) const ACCESS_KEY: &str = "AKIDTEST";
pub(crate) const SECRET_KEY: &str = "secret";
pub(crate) const MIB: usize = 1 << 20;
const START_MS: u64 = 1_700_000_000_000;

/// Never the same twice within one run of the tests, so that a store can be opened again.
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

pub(crate) struct Stack {
    pub(crate) client: Client,
    pub(crate) store: Store,
    pub(crate) folder: TempDir,
    now_ms: Arc<AtomicU64>,
}

impl Stack {
    /// A store with one empty bucket that tells of what is created below `watched/`.
    pub(crate) async fn new() -> Self {
        Self::with_sync(SyncMode::Off).await
    }

    pub(crate) async fn with_sync(sync: SyncMode) -> Self {
        let stack = Self::open(tempfile::tempdir().unwrap(), sync);
        stack.client.create_bucket().bucket(BUCKET).send().await.unwrap();
        stack
    }

    fn open(folder: TempDir, sync: SyncMode) -> Self {
        let now_ms = Arc::new(AtomicU64::new(START_MS));
        let store = open_store(folder.path(), sync, now_ms.clone());
        let client = client_of(&store, "http://s3.local");
        Self { client, store, folder, now_ms }
    }

    /// Closes the store and opens it again.
    pub(crate) fn reopen(self) -> Self {
        let Self { client, store, folder, .. } = self;
        drop((client, store));
        Self::open(folder, SyncMode::Off)
    }

    /// Opens what another store left.
    pub(crate) fn left_in(folder: TempDir) -> Self {
        Self::open(folder, SyncMode::Off)
    }

    pub(crate) fn advance_ms(&self, by: u64) {
        self.now_ms.fetch_add(by, Ordering::Relaxed);
    }

    pub(crate) async fn put(&self, key: &str, body: impl Into<Vec<u8>>) -> String {
        let body = ByteStream::from(body.into());
        let put = self.client.put_object().bucket(BUCKET).key(key).body(body).send().await.unwrap();
        put.e_tag.unwrap()
    }

    pub(crate) async fn get(&self, key: &str) -> Vec<u8> {
        let got = self.client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
        got.body.collect().await.unwrap().to_vec()
    }

    pub(crate) async fn exists(&self, key: &str) -> bool {
        let head = self.client.head_object().bucket(BUCKET).key(key).send().await;
        match head {
            Ok(_) => true,
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => false,
            Err(error) => panic!("unexpected: {error:?}"),
        }
    }

    /// The data files on disk.
    pub(crate) fn data_files(&self) -> Vec<PathBuf> {
        data_files(self.folder.path())
    }

    /// Waits until the store has removed the data files that it no longer names.
    pub(crate) async fn until_data_files(&self, count: usize) {
        while self.data_files().len() != count {
            tokio::task::yield_now().await;
        }
    }
}

pub(crate) fn open_store(folder: &Path, sync: SyncMode, now_ms: Arc<AtomicU64>) -> Store {
    Store::open(S3Options {
        folder: folder.to_owned(),
        sync,
        clock: Arc::new(move || now_ms.load(Ordering::Relaxed)),
        ids: Arc::new(|| format!("{:032x}", u128::from(NEXT_ID.fetch_add(1, Ordering::Relaxed)) << 96)),
        event_prefixes: vec!["watched/".to_owned()],
    })
    .unwrap()
}

pub(crate) fn client_of(store: &Store, endpoint_url: &str) -> Client {
    let service = s3::service(store.clone(), ACCESS_KEY, SECRET_KEY);
    s3::client(Connector::new(service), endpoint_url, credentials(SECRET_KEY))
}

pub(crate) fn credentials(secret_key: &str) -> Credentials {
    Credentials::new(ACCESS_KEY, secret_key, None, None, "test")
}

pub(crate) fn data_files(folder: &Path) -> Vec<PathBuf> {
    let shards = std::fs::read_dir(folder.join("data")).unwrap();
    let files = shards.flat_map(|shard| std::fs::read_dir(shard.unwrap().path()).unwrap());
    files.map(|file| file.unwrap().path()).collect()
}

/// The status and the code of a refusal. An answer to HEAD has no code.
pub(crate) fn refusal<T, E: ProvideErrorMetadata>(
    result: Result<T, SdkError<E, HttpResponse>>,
) -> (u16, String) {
    let Err(error) = result else { panic!("it was not refused") };
    let status = error.raw_response().unwrap().status().as_u16();
    (status, error.code().unwrap_or_default().to_owned())
}

pub(crate) fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    BASE64.encode(Sha256::digest(bytes))
}

/// Bytes that repeat in no short period.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(length)
    .collect()
}
