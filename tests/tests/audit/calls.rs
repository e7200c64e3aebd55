//! What the audit log costs on the way of a request.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use berth_audit::{AuditLog, Lines};
use berth_http::{Oci, Settings, whole_body};
use berth_registry::upload::Signer;
use berth_registry::{Clock, Config, Delivery, Ids, OpenAccess, Registry};
use berth_testkit::build::{Built, image};
use berth_testkit::{CountingIds, ManualClock};
use berth_tests::embedded::{Embedded, Fate};
use bytes::Bytes;
use http::Request;

/// Counts lines.
#[derive(Default)]
struct Count(Mutex<usize>);

impl Lines for Count {
    fn write(&self, _: &str) {
        *self.0.lock().expect("no panic") += 1;
    }
}

/// The registry on embedded storage, and what it does there.
struct World {
    oci: Oci,
    lines: Arc<Count>,
    calls: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl World {
    async fn new(folder: &Path, is_witnessed: bool) -> Self {
        let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
        let embedded = Embedded::open(folder, clock.clone(), ids.clone()).await;
        let calls: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
        let counts = Arc::clone(&calls);
        let store = embedded.store(Arc::new(move |name: &str| {
            *counts.lock().expect("no panic").entry(name.to_owned()).or_insert(0) += 1;
            Fate::Pass
        }));
        let config = Config::new(Signer::new("a key for tests", None), Delivery::Edge);
        let registry = Registry::new(store.ports(), config);
        let settings = Settings { min_chunk_bytes: 5 << 20, max_body_bytes: None };
        let (clock, ids): (Arc<dyn Clock>, Arc<dyn Ids>) = (clock, ids);
        let lines = Arc::new(Count::default());
        let log = AuditLog::new(store.records(), store.records(), clock, ids.clone(), 365);
        let log = log.with_lines(lines.clone());
        let oci = Oci::new(registry, Arc::new(OpenAccess), ids, settings);
        let oci = if is_witnessed { oci.with_witness(Arc::new(log)) } else { oci };
        Self { oci, lines, calls }
    }

    /// Sends a request, and answers the calls that it made and the lines that it left.
    async fn counted(
        &self,
        method: &str,
        path: &str,
        body: Bytes,
        status: u16,
    ) -> (BTreeMap<String, usize>, usize) {
        self.calls.lock().expect("no panic").clear();
        *self.lines.0.lock().expect("no panic") = 0;
        let request = Request::builder().method(method).uri(path).body(whole_body(body));
        let answer = self.oci.answer(request.expect("a request")).await;
        assert_eq!(answer.status(), status, "{method} {path}");
        let calls = self.calls.lock().expect("no panic").clone();
        (calls, *self.lines.0.lock().expect("no panic"))
    }
}

/// What a client does: method, path, body, status, and the lines that the witness writes.
fn steps(image: &Built) -> Vec<(&'static str, String, Bytes, u16, usize)> {
    let uploads = image.blobs.iter().map(|blob| {
        let path = format!("/v2/team/app/blobs/uploads/?digest={}", blob.digest);
        ("POST", path, blob.content.clone(), 201, 0)
    });
    let manifest = |reference: &str| format!("/v2/team/app/manifests/{reference}");
    let rest = [
        ("PUT", manifest("1"), image.body.clone(), 201, 1),
        ("HEAD", manifest("1"), Bytes::new(), 200, 0),
        ("GET", manifest("1"), Bytes::new(), 200, 1),
        ("GET", manifest(&image.digest.to_string()), Bytes::new(), 200, 1),
        ("GET", manifest("none"), Bytes::new(), 404, 0),
        ("DELETE", manifest("1"), Bytes::new(), 202, 1),
        ("DELETE", manifest(&image.digest.to_string()), Bytes::new(), 202, 1),
    ];
    uploads.chain(rest).collect()
}

/// [audit-no-wait]
#[tokio::test]
async fn audit_no_request_makes_a_call_for_its_line() {
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    let without = World::new(folders[0].path(), false).await;
    let with = World::new(folders[1].path(), true).await;
    let image = image().layer(b"files").build();
    for (method, path, body, status, expected) in steps(&image) {
        let (plain, none) = without.counted(method, &path, body.clone(), status).await;
        let (watched, lines) = with.counted(method, &path, body, status).await;
        assert_eq!(watched, plain, "{method} {path}");
        assert_eq!((none, lines), (0, expected), "{method} {path}");
    }
}
