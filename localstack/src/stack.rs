//! The local stack, put together.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use aws_sdk_s3::config::Credentials;
use berth_audit::Lines;
use berth_configuration::{Environment, Seals};
use berth_function_management::management;
use berth_function_registry::{
    Access, Administration, Audit, MAX_EVENT_BODY_BYTES, RandomIds, Service, Storage, Surroundings,
    SystemClock, gateway_settings, lambda_settings, service_with,
};
use berth_identity::{AccessSettings, Tokens, generate, users::ADMIN};
use berth_registry::upload::Signer;
use berth_registry::{Clock, Config, Delivery, Ids, Registry};
use berth_store::Store;
use s3s::service::S3ServiceBuilder;

use crate::audit::{Journal, Keeper};
use crate::dynamodb::{self, Database};
use crate::edge::{Edge, KeyValues, SOURCES};
use crate::folder::Folder;
use crate::front::{Front, Services};
use crate::options::{Mode, Options, Users};
use crate::s3::{self, S3Options};
use crate::{events, housekeeping};

const BUCKET: &str = "berth";
const TABLE: &str = "berth";
/// Long enough for a request, short enough that a withdrawn right ends soon.
const TOKEN_TTL_SECS: u64 = 5 * 60;

/// A running registry with its storage. Dropping it leaves the data folder to the next process.
pub struct Stack {
    folder: Folder,
    front: Front,
    registry: Registry,
    objects: s3::Store,
    database: Database,
    first_password: Option<String>,
    /// `None` with open access: there is no log to keep anything in.
    keeper: Option<Keeper>,
}

impl Stack {
    /// Opens the data folder and starts everything but the listener. `address` is where clients will reach it.
    pub async fn open(options: &Options, address: SocketAddr) -> anyhow::Result<Self> {
        let folder = Folder::open(&options.data, || RandomIds.next())?;
        let objects = s3::Store::open(S3Options {
            folder: folder.join("s3"),
            sync: options.sync,
            clock: Arc::new(now_ms),
            ids: Arc::new(|| RandomIds.next()),
            event_prefixes: vec!["uploads/".to_owned()],
        })?;
        let database = dynamodb::open(&folder.join("dynamodb.db"), options.sync)?;
        let store = open_store(&folder, &objects, &database, address).await?;
        let journal = journal(&folder, options)?;
        let surroundings = surroundings(&folder, options, journal.as_ref())?;
        let Service { oci, registry, administration } =
            service_with(Storage::of(&store), surroundings, options.outside.clone());
        let first_password = match &administration {
            Some(administration) => make_admin(administration).await?,
            None => None,
        };
        let log = administration.as_ref().map(|administration| administration.audit.clone());
        let keeper = journal.zip(log).map(|(journal, log)| Keeper { journal, log });
        let edge = Edge::new(SOURCES, edge_values(&folder, options.mode), Arc::new(now_ms))?;
        let as_distribution = S3ServiceBuilder::new(objects.clone()).build();
        let management = administration.map(|parts| management(parts, format!("http://{address}")));
        let services = Services { oci, management };
        let front = Front::new(edge, as_distribution, BUCKET.to_owned(), services, options.mode);
        Ok(Self { folder, front, registry, objects, database, first_password, keeper })
    }

    /// What answers requests.
    pub fn front(&self) -> Front {
        self.front.clone()
    }

    /// The password of the user `admin`, if this start has made him. It is kept nowhere.
    pub fn first_password(&self) -> Option<&str> {
        self.first_password.as_deref()
    }

    /// The use cases, for tests that look behind the API.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Works off events and removes what has expired, for ever.
    pub async fn work(&self) {
        let events = events::pump(self.objects.clone(), self.registry.clone());
        let housekeeping = housekeeping::run(self.objects.clone(), BUCKET, self.database.clone());
        let entries = async {
            if let Some(keeper) = &self.keeper {
                keeper.run().await;
            }
        };
        tokio::join!(events, housekeeping, entries);
    }

    /// Makes entries of what was written down last. What is left, the next start makes good.
    pub async fn finish(&self) {
        if let Some(keeper) = &self.keeper
            && let Err(error) = keeper.catch_up().await
        {
            tracing::warn!(error = &*error, "audit lines wait in the journal for the next start");
        }
    }

    /// The data folder, held by this process.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }
}

/// The registry's storage on the embedded endpoints, through the AWS SDKs. Makes the bucket and the table if need be.
async fn open_store(
    folder: &Folder,
    objects: &s3::Store,
    database: &Database,
    address: SocketAddr,
) -> anyhow::Result<Store> {
    let keys = folder.keys();
    let credentials = Credentials::new(&keys.s3_access, &keys.s3_secret, None, None, "data folder");
    let endpoint = s3::service(objects.clone(), &keys.s3_access, &keys.s3_secret);
    let s3_client = s3::client(s3::Connector::new(endpoint), &format!("http://{address}"), credentials);
    let dynamodb_client = dynamodb::client(dynamodb::Connector::new(database.clone()));
    if s3_client.head_bucket().bucket(BUCKET).send().await.is_err() {
        s3_client.create_bucket().bucket(BUCKET).send().await.context("cannot make the bucket")?;
    }
    berth_store::create_table(&dynamodb_client, TABLE).await.context("cannot make the table")?;
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds));
    Ok(Store::new(s3_client, dynamodb_client, BUCKET, TABLE, clock, ids))
}

/// Where lines of the audit log go, if anywhere: with open access only to the file that was asked for.
fn journal(folder: &Folder, options: &Options) -> anyhow::Result<Option<Journal>> {
    let pending = (options.users != Users::Open).then(|| folder.join("audit-journal.jsonl"));
    if pending.is_none() && options.audit_log.is_none() {
        return Ok(None);
    }
    let journal = Journal::open(pending.as_deref(), options.audit_log.as_deref());
    Ok(Some(journal.context("cannot open the audit log's files")?))
}

fn surroundings(
    folder: &Folder,
    options: &Options,
    journal: Option<&Journal>,
) -> anyhow::Result<Surroundings> {
    let signer = Signer::new(folder.keys().upload_signing.clone(), None);
    let (delivery, settings) = match options.mode {
        Mode::Gateway => (Delivery::Stream, gateway_settings()),
        Mode::LambdaLimits => (Delivery::Edge, lambda_settings()),
    };
    let access = match &options.users {
        Users::Open => Access::Open,
        Users::Projects { create_on_push, locks } => Access::Projects {
            first_password: None,
            tokens: Tokens::new(&folder.keys().token_signing, None)?,
            settings: AccessSettings { token_ttl_secs: TOKEN_TTL_SECS, create_on_push: *create_on_push },
            environment: Environment {
                seals: Seals::new(&folder.keys().token_signing, None),
                locks: locks.clone(),
            },
        },
    };
    let lines = journal.map(|journal| Arc::new(journal.clone()) as Arc<dyn Lines>);
    let audit = Audit { lines, retention_days: options.audit_retention_days };
    Ok(Surroundings { config: Config::new(signer, delivery), access, settings, audit })
}

/// Makes the first administrator, if there is none, with a generated password, which is answered.
async fn make_admin(administration: &Administration) -> anyhow::Result<Option<String>> {
    let (directory, password) = (&administration.directory, generate(&RandomIds));
    if directory.users().get(ADMIN).await?.is_some() {
        return Ok(None);
    }
    let hash = directory.hash_password(&password).await.context("cannot hash a password")?;
    Ok(directory.users().create_admin(hash).await?.then_some(password))
}

/// What the edge functions read from their key-value store.
fn edge_values(folder: &Folder, mode: Mode) -> KeyValues {
    let mut values = KeyValues::from([("mac:current".to_owned(), folder.keys().upload_signing.clone())]);
    match mode {
        Mode::Gateway => values.insert("gateway".to_owned(), "1".to_owned()),
        Mode::LambdaLimits => values.insert("max_body_bytes".to_owned(), MAX_EVENT_BODY_BYTES.to_string()),
    };
    values
}

fn now_ms() -> u64 {
    u64::try_from(SystemClock.now().as_millis()).unwrap_or(u64::MAX)
}
