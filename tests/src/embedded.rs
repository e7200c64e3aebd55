//! The registry on the embedded S3 and DynamoDB, with a hook between the AWS SDKs and the endpoints.

use std::path::Path;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use berth_local::{dynamodb, s3};
use berth_registry::{Clock, Ids};
use berth_store::Store;

pub const BUCKET: &str = "berth";
pub const TABLE: &str = "berth";

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes through.
    Pass,
    /// It never arrives.
    Lost,
    /// It arrives and takes effect, and its answer is lost.
    Unheard,
    /// The service asks for fewer calls; nothing happens.
    Throttled,
    /// The service fails; nothing happens.
    Failed,
}

/// Told of every call by its name, such as `DynamoDB.GetItem` or `S3.PutObject`; decides its fate.
pub type Hook = Arc<dyn Fn(&str) -> Fate + Send + Sync>;

/// Embedded storage in a folder.
pub struct Embedded {
    pub objects: s3::Store,
    database: dynamodb::Database,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl Embedded {
    /// Opens the storage and makes bucket and table.
    pub async fn open(folder: &Path, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        let (time, names) = (Arc::clone(&clock), Arc::clone(&ids));
        let objects = s3::Store::open(s3::S3Options {
            folder: folder.join("s3"),
            sync: s3::SyncMode::Off,
            clock: Arc::new(move || u64::try_from(time.now().as_millis()).expect("a time")),
            ids: Arc::new(move || names.next()),
            event_prefixes: vec!["uploads/".to_owned()],
        })
        .expect("the folder is writable");
        let database =
            dynamodb::open(&folder.join("dynamodb.db"), s3::SyncMode::Off).expect("the folder is writable");
        let embedded = Self { objects, database, clock, ids };
        let (s3_client, dynamodb_client) = embedded.clients(Arc::new(|_| Fate::Pass));
        s3_client.create_bucket().bucket(BUCKET).send().await.expect("a bucket");
        berth_store::create_table(&dynamodb_client, TABLE).await.expect("a table");
        embedded
    }

    /// A store whose every call asks `hook`.
    pub fn store(&self, hook: Hook) -> Store {
        let (s3_client, dynamodb_client) = self.clients(hook);
        let (clock, ids) = (Arc::clone(&self.clock), Arc::clone(&self.ids));
        Store::new(s3_client, dynamodb_client, BUCKET, TABLE, clock, ids)
    }

    /// A client that no hook stands before.
    pub fn s3_client(&self) -> aws_sdk_s3::Client {
        self.clients(Arc::new(|_| Fate::Pass)).0
    }

    fn clients(&self, hook: Hook) -> (aws_sdk_s3::Client, aws_sdk_dynamodb::Client) {
        let endpoint = s3::service(self.objects.clone(), "key", "secret");
        let credentials = aws_sdk_s3::config::Credentials::new("key", "secret", None, None, "test");
        let to_s3 = Hooked::new(s3::Connector::new(endpoint), s3_operation, Arc::clone(&hook));
        let to_dynamodb =
            Hooked::new(dynamodb::Connector::new(self.database.clone()), dynamodb_operation, hook);
        (s3::client(to_s3, "http://s3.test", credentials), dynamodb::client(to_dynamodb))
    }
}

/// An HTTP client that asks a hook before each request.
#[derive(Clone)]
struct Hooked<C> {
    connector: C,
    name: fn(&HttpRequest) -> String,
    hook: Hook,
}

impl<C> Hooked<C> {
    fn new(connector: C, name: fn(&HttpRequest) -> String, hook: Hook) -> Self {
        Self { connector, name, hook }
    }
}

impl<C> std::fmt::Debug for Hooked<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hooked")
    }
}

impl<C: HttpConnector + 'static> HttpConnector for Hooked<C> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let name = (self.name)(&request);
        match (self.hook)(&name) {
            Fate::Pass => self.connector.call(request),
            Fate::Lost => HttpConnectorFuture::ready(Err(ConnectorError::io("connection lost".into()))),
            Fate::Throttled => HttpConnectorFuture::ready(Ok(refusal(&name, true))),
            Fate::Failed => HttpConnectorFuture::ready(Ok(refusal(&name, false))),
            Fate::Unheard => {
                let answer = self.connector.call(request);
                HttpConnectorFuture::new(async move {
                    // The effect is real; the answer never reaches the caller.
                    let _ = answer.await;
                    Err(ConnectorError::timeout("no answer".into()))
                })
            }
        }
    }
}

impl<C: HttpConnector + Clone + 'static> HttpClient for Hooked<C> {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn refusal(name: &str, throttled: bool) -> HttpResponse {
    let (status, body) = match (name.starts_with("S3."), throttled) {
        (true, true) => {
            (503, "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>")
        }
        (true, false) => (500, "<Error><Code>InternalError</Code><Message>Try again.</Message></Error>"),
        (false, true) => (
            400,
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow"}"#,
        ),
        (false, false) => {
            (500, r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"no"}"#)
        }
    };
    let mut response = HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body));
    response.headers_mut().insert(
        "content-type",
        if name.starts_with("S3.") { "application/xml" } else { "application/x-amz-json-1.0" },
    );
    response
}

fn dynamodb_operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    format!("DynamoDB.{}", target.rsplit('.').next().unwrap_or_default())
}

/// The operation that method, query and headers of an S3 request mean.
fn s3_operation(request: &HttpRequest) -> String {
    let uri = request.uri().to_owned();
    let query = uri.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
    let has = |key: &str| query.split('&').any(|field| field == key || field.starts_with(&format!("{key}=")));
    let copies = request.headers().get("x-amz-copy-source").is_some();
    let is_object = uri.split('?').next().unwrap_or_default().trim_end_matches('/').split('/').count() > 4;
    let operation = match request.method() {
        "HEAD" => "HeadObject",
        "GET" if has("uploadId") => "ListParts",
        "GET" if is_object => "GetObject",
        "GET" => "ListObjectsV2",
        "PUT" if has("partNumber") && copies => "UploadPartCopy",
        "PUT" if has("partNumber") => "UploadPart",
        "PUT" if copies => "CopyObject",
        "PUT" => "PutObject",
        "POST" if has("uploads") => "CreateMultipartUpload",
        "POST" if has("uploadId") => "CompleteMultipartUpload",
        "POST" => "DeleteObjects",
        "DELETE" if has("uploadId") => "AbortMultipartUpload",
        "DELETE" => "DeleteObject",
        other => other,
    };
    format!("S3.{operation}")
}
