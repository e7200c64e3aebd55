//! The seam of authorization: what the service does with a refusal. Who is refused is another crate's matter.

use std::sync::Arc;

use async_trait::async_trait;
use berth_http::{Oci, Settings, whole_body};
use berth_protocol::RepositoryName;
use berth_registry::upload::Signer;
use berth_registry::{
    Agreed, Authorizer, Caller, Config, Delivery, Forbidden, OpenAccess, Registry, RepositoryAction,
};
use berth_testkit::build::blob;
use berth_testkit::{CountingIds, Memory};
use http::Request;

/// Nobody may do anything in repositories below `secret/`.
struct NoSecrets;

#[async_trait]
impl Authorizer for NoSecrets {
    async fn check(
        &self,
        _: &Caller,
        repository: &RepositoryName,
        _: RepositoryAction,
    ) -> Result<Agreed, Forbidden> {
        let is_secret = repository.as_str().starts_with("secret/");
        if is_secret {
            return Err(Forbidden::Denied("a secret".to_owned()));
        }
        Ok(Agreed { project: None, may_revive: false })
    }

    async fn check_catalog(&self, _: &Caller) -> Result<(), Forbidden> {
        Err(Forbidden::Unauthenticated)
    }
}

/// The service as everybody sees it, and as `NoSecrets` lets it be seen, on the same data.
fn services() -> (Oci, Oci) {
    let memory = Memory::new();
    let service = |authorizer: Arc<dyn Authorizer>| {
        let config = Config::new(Signer::new("a key for tests", None), Delivery::Stream);
        let settings = Settings { min_chunk_bytes: 1, max_body_bytes: None };
        let registry = Registry::new(memory.ports(), config);
        Oci::new(registry, authorizer, Arc::new(CountingIds::default()), settings)
    };
    (service(Arc::new(OpenAccess)), service(Arc::new(NoSecrets)))
}

async fn status(service: &Oci, method: &str, path: &str, body: &'static str) -> u16 {
    let request = Request::builder().method(method).uri(path).body(whole_body(body)).expect("a request");
    service.answer(request).await.status().as_u16()
}

/// [mount-needs-pull]
#[tokio::test]
async fn access_a_blob_is_not_mounted_from_where_the_caller_may_not_pull() {
    let (open, guarded) = services();
    let digest = blob("known").digest;
    for name in ["secret/app", "public/app"] {
        let path = format!("/v2/{name}/blobs/uploads/?digest={digest}");
        assert_eq!(status(&open, "POST", &path, "known").await, 201);
    }
    let mount = |from: &str| format!("/v2/team/app/blobs/uploads/?mount={digest}&from={from}");
    // A source that may not be read answers as one that lacks the blob.
    assert_eq!(status(&guarded, "POST", &mount("secret/app"), "").await, 202);
    assert_eq!(status(&guarded, "POST", &mount("empty/app"), "").await, 202);
    assert_eq!(status(&guarded, "HEAD", &format!("/v2/team/app/blobs/{digest}"), "").await, 404);
    assert_eq!(status(&guarded, "POST", &mount("public/app"), "").await, 201);
}

#[tokio::test]
async fn access_every_endpoint_of_a_repository_asks_for_a_permit() {
    let (_, guarded) = services();
    let digest = blob("any").digest;
    for (method, path) in [
        ("GET", format!("blobs/{digest}")),
        ("HEAD", format!("blobs/{digest}")),
        ("DELETE", format!("blobs/{digest}")),
        ("GET", "manifests/1".to_owned()),
        ("HEAD", "manifests/1".to_owned()),
        ("PUT", "manifests/1".to_owned()),
        ("DELETE", "manifests/1".to_owned()),
        ("POST", "blobs/uploads/".to_owned()),
        ("PATCH", "blobs/uploads/a.1.b".to_owned()),
        ("PUT", format!("blobs/uploads/a.1.b?digest={digest}")),
        ("GET", "blobs/uploads/a.1.b".to_owned()),
        ("DELETE", "blobs/uploads/a.1.b".to_owned()),
        ("GET", "tags/list".to_owned()),
        ("GET", format!("referrers/{digest}")),
    ] {
        let path = format!("/v2/secret/app/{path}");
        assert_eq!(status(&guarded, method, &path, "").await, 403, "{method} {path}");
    }
    assert_eq!(status(&guarded, "GET", "/v2/_catalog", "").await, 401);
}
