//! Faults: every call to S3 and DynamoDB may be lost, throttled, refused, or take effect unheard.
//!
//! Seeded runs of random work on the embedded endpoints. A small model remembers what was acknowledged and what is
//! uncertain because the answer was an error. After each run, without faults, the promises must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use berth_protocol::{Algorithm, Digest, Page, Reference, RepositoryName};
use berth_registry::manifest::{DeleteManifestError, PutManifest, PutManifestError};
use berth_registry::upload::Signer;
use berth_registry::{Authorizer, Caller, Config, Delivery, OpenAccess, Permit, Pull, Registry};
use berth_testkit::build::{Blob, Built, blob, image, repository, tag};
use berth_testkit::{CountingIds, ManualClock, Random, collect, stream_of};
use berth_tests::embedded::{Embedded, Fate};
use bytes::Bytes;

const TAGS: [&str; 4] = ["a", "b", "c", "latest"];
const REPOSITORIES: [&str; 2] = ["fault/one", "fault/two"];
const STEPS: usize = 50;

/// What the answers so far allow.
#[derive(Default)]
struct Model {
    /// Where a tag may point; `None`: nowhere.
    tags: BTreeMap<(String, String), BTreeSet<Option<Digest>>>,
    /// Manifests that were acknowledged and not deleted since, not even perhaps.
    manifests: BTreeSet<(String, Digest)>,
    /// Blobs likewise, with their content.
    blobs: BTreeMap<(String, Digest), Blob>,
}

struct Run {
    registry: Registry,
    faulty: Arc<AtomicBool>,
    random: Random,
    model: Model,
    built: BTreeMap<Digest, Built>,
}

#[tokio::test(start_paused = true)]
async fn faults_promises_hold_after_seeded_faults() {
    for seed in 0..seeds() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut run = Run::new(folder.path(), seed).await;
        for _ in 0..STEPS {
            run.step().await;
        }
        run.faulty.store(false, Ordering::Relaxed);
        run.check(seed).await;
    }
}

#[tokio::test(start_paused = true)]
#[ignore = "heavy: run by just test-full"]
async fn faults_promises_hold_after_many_seeded_faults() {
    for seed in 1000..1400 {
        let folder = tempfile::tempdir().expect("a folder");
        let mut run = Run::new(folder.path(), seed).await;
        for _ in 0..STEPS * 2 {
            run.step().await;
        }
        run.faulty.store(false, Ordering::Relaxed);
        run.check(seed).await;
    }
}

fn seeds() -> u64 {
    std::env::var("BERTH_FAULT_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(30)
}

impl Run {
    async fn new(folder: &std::path::Path, seed: u64) -> Self {
        let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
        let embedded = Embedded::open(folder, clock, ids).await;
        let faulty = Arc::new(AtomicBool::new(true));
        let chance = Mutex::new(Random::new(seed));
        let on = Arc::clone(&faulty);
        let hook = move |_: &str| {
            if !on.load(Ordering::Relaxed) {
                return Fate::Pass;
            }
            match chance.lock().expect("no panic while drawing").below(12) {
                0 => Fate::Lost,
                1 => Fate::Unheard,
                2 => Fate::Throttled,
                3 => Fate::Failed,
                _ => Fate::Pass,
            }
        };
        let store = embedded.store(Arc::new(hook));
        let config = Config::new(Signer::new("a key for tests", None), Delivery::Stream);
        Self {
            registry: Registry::new(store.ports(), config),
            faulty,
            random: Random::new(seed + 77),
            model: Model::default(),
            built: BTreeMap::new(),
        }
    }

    async fn step(&mut self) {
        let name = repository(REPOSITORIES[self.random.below(2)]);
        match self.random.below(10) {
            0..6 => self.push(&name).await,
            6 => self.delete_tag(&name).await,
            7 => self.delete_manifest(&name).await,
            8 => self.delete_blob(&name).await,
            _ => self.mount(&name).await,
        }
    }

    async fn push(&mut self, name: &RepositoryName) {
        let number = self.random.below(6);
        let layer = format!("layer {} ", number % 4).repeat(3000);
        let built = image().layer(layer).config(format!("{{\"n\":{number}}}")).build();
        for blob in &built.blobs {
            if !self.upload(name, blob).await {
                return;
            }
        }
        let tag_name = TAGS[self.random.below(4)];
        let reference = Reference::Tag(tag(tag_name));
        let permit = OpenAccess.push(&Caller::Anonymous, name).await.expect("open");
        let request = PutManifest {
            reference: &reference,
            tags: &[],
            media_type: Some(&built.media_type),
            body: built.body.clone(),
        };
        let outcome = self.registry.put_manifest(&permit, request).await;
        let key = (name.to_string(), tag_name.to_owned());
        let may_be = self.model.tags.entry(key).or_insert_with(|| BTreeSet::from([None]));
        match outcome {
            Ok(outcome) => {
                assert_eq!(outcome.digest, built.digest);
                *may_be = BTreeSet::from([Some(built.digest.clone())]);
                self.model.manifests.insert((name.to_string(), built.digest.clone()));
            }
            Err(PutManifestError::Store(_) | PutManifestError::Contended) => {
                may_be.insert(Some(built.digest.clone()));
            }
            Err(error) => panic!("all blobs were acknowledged, and the push ended in: {error}"),
        }
        self.built.insert(built.digest.clone(), built);
    }

    /// In one request or in three pieces.
    async fn upload(&mut self, name: &RepositoryName, blob: &Blob) -> bool {
        let permit = OpenAccess.push(&Caller::Anonymous, name).await.expect("open");
        let outcome = if self.random.below(2) == 0 {
            self.registry.upload_at_once(&permit, &blob.digest, stream_of(blob.content.clone(), 1000)).await
        } else {
            let session = self.registry.start_upload(Algorithm::Sha256);
            let half = blob.content.len() / 2;
            let mut sent = 0;
            for piece in [blob.content.slice(..half), blob.content.slice(half..)] {
                let offset = self
                    .registry
                    .append_upload(&permit, &session, None, stream_of(piece.clone(), 1000))
                    .await;
                sent += piece.len() as u64;
                // A client whose piece fails asks where the upload stands; this one simply gives up.
                match offset {
                    Ok(offset) => assert_eq!(offset, sent),
                    Err(_) => return false,
                }
            }
            self.registry
                .finish_upload(&permit, &session, &blob.digest, None, stream_of(Bytes::new(), 1))
                .await
        };
        match outcome {
            Ok(link) => {
                assert_eq!(link.size_bytes, blob.content.len() as u64);
                self.model.blobs.insert((name.to_string(), blob.digest.clone()), blob.clone());
                true
            }
            Err(_) => false,
        }
    }

    async fn delete_tag(&mut self, name: &RepositoryName) {
        let tag_name = TAGS[self.random.below(4)];
        let permit = OpenAccess.delete(&Caller::Anonymous, name).await.expect("open");
        let outcome = self.registry.delete_manifest(&permit, &Reference::Tag(tag(tag_name))).await;
        let key = (name.to_string(), tag_name.to_owned());
        let may_be = self.model.tags.entry(key).or_insert_with(|| BTreeSet::from([None]));
        match outcome {
            Ok(()) => *may_be = BTreeSet::from([None]),
            Err(DeleteManifestError::Unknown) => {
                assert!(may_be.contains(&None), "{tag_name} was acknowledged and is unknown");
                *may_be = BTreeSet::from([None]);
            }
            Err(DeleteManifestError::Store(_)) => {
                may_be.insert(None);
            }
        }
    }

    async fn delete_manifest(&mut self, name: &RepositoryName) {
        let digests: Vec<Digest> = self.built.keys().cloned().collect();
        if digests.is_empty() {
            return;
        }
        let digest = digests[self.random.below(digests.len())].clone();
        let permit = OpenAccess.delete(&Caller::Anonymous, name).await.expect("open");
        let key = (name.to_string(), digest.clone());
        let was_acknowledged = self.model.manifests.remove(&key);
        let outcome = self.registry.delete_manifest(&permit, &Reference::Digest(digest.clone())).await;
        let is_certain = match outcome {
            Ok(()) => true,
            Err(DeleteManifestError::Unknown) => {
                assert!(!was_acknowledged, "{digest} was acknowledged and is unknown");
                true
            }
            Err(DeleteManifestError::Store(_)) => false,
        };
        for ((of, _), may_be) in &mut self.model.tags {
            if *of == name.to_string() && may_be.contains(&Some(digest.clone())) {
                may_be.insert(None);
                if is_certain {
                    may_be.remove(&Some(digest.clone()));
                }
            }
        }
    }

    async fn delete_blob(&mut self, name: &RepositoryName) {
        let keys: Vec<_> =
            self.model.blobs.keys().filter(|(of, _)| *of == name.to_string()).cloned().collect();
        if keys.is_empty() {
            return;
        }
        let key = keys[self.random.below(keys.len())].clone();
        let permit = OpenAccess.delete(&Caller::Anonymous, name).await.expect("open");
        let outcome = self.registry.delete_blob(&permit, &key.1).await;
        if !matches!(outcome, Err(berth_registry::blob::DeleteBlobError::Needed { .. })) {
            self.model.blobs.remove(&key);
        }
    }

    async fn mount(&mut self, name: &RepositoryName) {
        let other = repository(REPOSITORIES.into_iter().find(|other| *other != name.as_str()).expect("two"));
        let blobs: Vec<_> = self.model.blobs.iter().filter(|((of, _), _)| *of == other.to_string()).collect();
        let Some((_, blob)) = blobs.first() else { return };
        let blob = (*blob).clone();
        let permit = OpenAccess.push(&Caller::Anonymous, name).await.expect("open");
        let source = OpenAccess.pull(&Caller::Anonymous, &other).await.expect("open");
        if let Ok(mounted) = self.registry.mount_blob(&permit, &source, &blob.digest).await {
            assert!(mounted, "{} was acknowledged in {other} and cannot be mounted", blob.digest);
            self.model.blobs.insert((name.to_string(), blob.digest.clone()), blob);
        }
    }

    /// Without faults: nothing acknowledged is lost, and all that is visible is whole.
    async fn check(&self, seed: u64) {
        for ((name, digest), blob) in &self.model.blobs {
            let permit = self.pull(name).await;
            let link = self.registry.head_blob(&permit, digest).await.expect("no faults now");
            assert!(link.is_some(), "seed {seed}: blob {digest} of {name} was acknowledged and is lost");
            self.check_content(&permit, digest, Some(blob), seed).await;
        }
        for (name, digest) in &self.model.manifests {
            let permit = self.pull(name).await;
            let reference = Reference::Digest(digest.clone());
            let record = self.registry.head_manifest(&permit, &reference).await.expect("no faults now");
            assert!(
                record.is_some(),
                "seed {seed}: manifest {digest} of {name} was acknowledged and is lost"
            );
        }
        for ((name, tag_name), may_be) in &self.model.tags {
            let permit = self.pull(name).await;
            let reference = Reference::Tag(tag(tag_name));
            let record = self.registry.head_manifest(&permit, &reference).await.expect("no faults now");
            let is = record.map(|record| record.digest);
            assert!(may_be.contains(&is), "seed {seed}: {name}:{tag_name} is {is:?}, may be {may_be:?}");
        }
        for name in REPOSITORIES {
            self.check_visible(name, seed).await;
        }
    }

    /// Every listed tag resolves, by tag and by digest, to a manifest whose blobs are readable.
    async fn check_visible(&self, name: &str, seed: u64) {
        let permit = self.pull(name).await;
        let listed = self.registry.list_tags(&permit, &Page::default()).await.expect("no faults now");
        for tag in listed.map(|page| page.items).unwrap_or_default() {
            let by_tag = Reference::Tag(tag.clone());
            let record = self.registry.head_manifest(&permit, &by_tag).await.expect("no faults now");
            let record =
                record.unwrap_or_else(|| panic!("seed {seed}: {name}:{tag} is listed and does not resolve"));
            let by_digest = Reference::Digest(record.digest.clone());
            let again = self.registry.head_manifest(&permit, &by_digest).await.expect("no faults now");
            assert_eq!(again.as_ref(), Some(&record), "seed {seed}: {name}:{tag}");
            let body = self.registry.manifest_body(&permit, &record).await.expect("a body");
            assert_eq!(Digest::sha256(&body), record.digest, "seed {seed}: {name}:{tag}");
            for digest in self.built[&record.digest].blob_digests() {
                let link = self.registry.head_blob(&permit, &digest).await.expect("no faults now");
                assert!(link.is_some(), "seed {seed}: {name}:{tag} needs {digest}");
                self.check_content(&permit, &digest, None, seed).await;
            }
        }
    }

    async fn check_content(&self, permit: &Permit<Pull>, digest: &Digest, blob: Option<&Blob>, seed: u64) {
        let download = self.registry.download_blob(permit, digest, None, None).await.expect("no faults now");
        let Some(berth_registry::blob::Download::Stream(content)) = download else {
            panic!("seed {seed}: {digest} has a link and no content");
        };
        let content = collect(content).await.expect("no faults now");
        assert_eq!(Digest::sha256(&content), *digest, "seed {seed}");
        assert!(blob.is_none_or(|blob| blob.content == content), "seed {seed}: {digest}");
    }

    async fn pull(&self, name: &str) -> Permit<Pull> {
        OpenAccess.pull(&Caller::Anonymous, &repository(name)).await.expect("open")
    }
}

/// A piece whose effect was unheard is not counted twice when the client sends it again where the upload stands.
#[tokio::test(start_paused = true)]
async fn faults_an_upload_can_be_resumed_after_every_kind_of_fault() {
    for fate in [Fate::Lost, Fate::Unheard, Fate::Throttled, Fate::Failed] {
        let folder = tempfile::tempdir().expect("a folder");
        let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(CountingIds::default()));
        let embedded = Embedded::open(folder.path(), clock, ids).await;
        let failing = Arc::new(AtomicBool::new(false));
        let on = Arc::clone(&failing);
        let hook = move |_: &str| if on.load(Ordering::Relaxed) { fate } else { Fate::Pass };
        let config = Config::new(Signer::new("a key for tests", None), Delivery::Stream);
        let registry = Registry::new(embedded.store(Arc::new(hook)).ports(), config);
        let permit = OpenAccess.push(&Caller::Anonymous, &repository("fault/resume")).await.expect("open");
        let whole = blob("resume me ".repeat(1000));
        let session = registry.start_upload(Algorithm::Sha256);
        let first = whole.content.slice(..4000);
        registry.append_upload(&permit, &session, None, stream_of(first, 1000)).await.expect("no fault yet");

        failing.store(true, Ordering::Relaxed);
        let second = whole.content.slice(4000..7000);
        assert!(registry.append_upload(&permit, &session, None, stream_of(second, 1000)).await.is_err());
        failing.store(false, Ordering::Relaxed);

        let offset = registry.upload_offset(&permit, &session).await.expect("no fault now");
        assert!([4000, 7000].contains(&offset), "{fate:?}: {offset}");
        let rest = whole.content.slice(usize::try_from(offset).expect("small")..);
        let link =
            registry.finish_upload(&permit, &session, &whole.digest, None, stream_of(rest, 1000)).await;
        assert_eq!(link.expect("resumed").size_bytes, whole.content.len() as u64, "{fate:?}");
    }
}
