//! Random requests over storage that fails at random, against a model that fits on a page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use berth_protocol::{Algorithm, Digest, Page, RepositoryName};
use berth_registry::blob::DeleteBlobError;
use berth_registry::manifest::{DeleteManifestError, PutManifestError};
use berth_registry::upload::{Session, SessionError, StatusError};
use berth_testkit::build::{Blob, Built, artifact, blob, image, repository, tag};
use berth_testkit::wrap::Faulty;
use berth_testkit::{Random, stream_of};
use bytes::Bytes;

use crate::invariants;
use crate::registry::{TestRegistry, app, may_pull, may_push};

const SEEDS: u64 = 200;
const STEPS: usize = 60;
const FAULTS_PERCENT: usize = 12;
const TAGS: [&str; 3] = ["latest", "v1", "v2"];

/// What there is to push, and where.
struct Stock {
    repositories: [RepositoryName; 2],
    /// The last one is a referrer of the first.
    manifests: Vec<Built>,
    blobs: Vec<Blob>,
}

/// One request. Numbers are places in the stock: `at` is a repository.
#[derive(Debug, Clone)]
enum Step {
    Upload {
        at: usize,
        blob: usize,
    },
    Stage {
        at: usize,
        blob: usize,
    },
    Mount {
        at: usize,
        from: usize,
        blob: usize,
    },
    Put {
        at: usize,
        manifest: usize,
        tags: Vec<&'static str>,
    },
    DeleteTag {
        at: usize,
        tag: &'static str,
    },
    DeleteManifest {
        at: usize,
        manifest: usize,
    },
    DeleteBlob {
        at: usize,
        blob: usize,
    },
    /// Nothing, for longer than a push takes.
    Wait,
}

/// What a client can see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Visible {
    blobs: BTreeSet<(usize, usize)>,
    manifests: BTreeSet<(usize, usize)>,
    tags: BTreeMap<(usize, &'static str), usize>,
}

/// What a client was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Done,
    Refused,
    Failed,
}

impl Stock {
    fn new() -> Self {
        let base = image().layer("shared").build();
        let more = image().layer("shared").layer("more").build();
        let large = image().layer("other").annotation("text", "x".repeat(20_000)).build();
        let signature = artifact(&base, "application/x.signature").build();
        let blobs = ["{}", "shared", "more", "other"].map(blob).to_vec();
        Self {
            repositories: [app(), repository("other")],
            manifests: vec![base, more, large, signature],
            blobs,
        }
    }

    fn step(&self, random: &mut Random) -> Step {
        let at = random.below(self.repositories.len());
        let (blob, manifest) = (random.below(self.blobs.len()), random.below(self.manifests.len()));
        match random.below(20) {
            0..4 => Step::Upload { at, blob },
            4..7 => Step::Stage { at, blob },
            7..9 => Step::Mount { at, from: 1 - at, blob },
            9..14 => {
                let tags = TAGS.into_iter().filter(|_| random.chance(40)).collect();
                Step::Put { at, manifest, tags }
            }
            14 => Step::DeleteTag { at, tag: TAGS[random.below(TAGS.len())] },
            15..17 => Step::DeleteManifest { at, manifest },
            17..19 => Step::DeleteBlob { at, blob },
            _ => Step::Wait,
        }
    }

    fn needs(&self, manifest: usize) -> impl Iterator<Item = usize> {
        let is_needed = move |blob: &usize| self.manifests[manifest].blobs.contains(&self.blobs[*blob]);
        (0..self.blobs.len()).filter(is_needed)
    }
}

impl Visible {
    /// What is visible after the request; `None` if it must be refused.
    fn after(&self, stock: &Stock, step: &Step) -> Option<Self> {
        let mut after = self.clone();
        match step {
            Step::Upload { at, blob } | Step::Stage { at, blob } => {
                after.blobs.insert((*at, *blob));
            }
            Step::Mount { at, from, blob } => {
                self.blobs.get(&(*from, *blob))?;
                after.blobs.insert((*at, *blob));
            }
            Step::Put { at, manifest, tags } => {
                let is_complete = stock.needs(*manifest).all(|blob| self.blobs.contains(&(*at, blob)));
                is_complete.then_some(())?;
                after.manifests.insert((*at, *manifest));
                after.tags.extend(tags.iter().map(|tag| ((*at, *tag), *manifest)));
            }
            Step::DeleteTag { at, tag } => {
                after.tags.remove(&(*at, *tag))?;
            }
            Step::DeleteManifest { at, manifest } => {
                after.manifests.take(&(*at, *manifest))?;
                after.tags.retain(|(of, _), target| of != at || target != manifest);
            }
            Step::DeleteBlob { at, blob } => {
                let is_needed = self
                    .manifests
                    .iter()
                    .any(|(of, manifest)| of == at && stock.needs(*manifest).any(|need| need == *blob));
                (!is_needed).then_some(())?;
                after.blobs.take(&(*at, *blob))?;
            }
            Step::Wait => {}
        }
        Some(after)
    }

    /// What is visible now.
    async fn now(stock: &Stock, test: &TestRegistry) -> anyhow::Result<Self> {
        let mut now = Self::default();
        for (at, repository) in stock.repositories.iter().enumerate() {
            for (n, blob) in stock.blobs.iter().enumerate() {
                now.blobs.extend(test.head_blob(repository, &blob.digest).await?.map(|_| (at, n)));
            }
            for (n, manifest) in stock.manifests.iter().enumerate() {
                let found = test.manifest(repository, manifest.digest.clone()).await?;
                now.manifests.extend(found.map(|_| (at, n)));
            }
            for name in TAGS {
                if let Some(digest) = test.target(repository, name).await? {
                    let target = stock.manifests.iter().position(|manifest| manifest.digest == digest);
                    now.tags
                        .insert((at, name), target.context("a tag names a manifest that was never pushed")?);
                }
            }
            now.check_listings(stock, test, at).await?;
        }
        Ok(now)
    }

    /// Lists tell what single reads tell.
    async fn check_listings(&self, stock: &Stock, test: &TestRegistry, at: usize) -> anyhow::Result<()> {
        let permit = may_pull(&stock.repositories[at]).await;
        let listed = test.registry.list_tags(&permit, &Page::default()).await?;
        let listed: Vec<String> =
            listed.into_iter().flat_map(|page| page.items).map(|tag| tag.to_string()).collect();
        let tags = self.tags.keys().filter(|(of, _)| *of == at);
        ensure!(tags.map(|(_, tag)| *tag).eq(listed.iter().map(String::as_str)), "the list of tags differs");
        let subject = &stock.manifests[0].digest;
        let referrers = test.registry.list_referrers(&permit, subject, None, &Page::default()).await?.items;
        let is_listed = !referrers.is_empty();
        ensure!(
            is_listed == self.manifests.contains(&(at, stock.manifests.len() - 1)),
            "the referrers differ"
        );
        Ok(())
    }
}

async fn run(stock: &Stock, test: &TestRegistry, step: &Step) -> Told {
    let repository = |at: &usize| &stock.repositories[*at];
    match step {
        Step::Upload { at, blob } => told(test.upload(repository(at), &stock.blobs[*blob]).await, |_| false),
        Step::Stage { at, blob } => {
            let blob = &stock.blobs[*blob];
            test.memory.stage(repository(at), &blob.digest, blob.content.clone());
            Told::Done
        }
        Step::Mount { at, from, blob } => {
            match test.mount(repository(at), repository(from), &stock.blobs[*blob].digest).await {
                Ok(true) => Told::Done,
                Ok(false) => Told::Refused,
                Err(_) => Told::Failed,
            }
        }
        Step::Put { at, manifest, tags } => {
            let put = test.put(repository(at), &stock.manifests[*manifest], tags).await;
            told(put, |error| matches!(error, PutManifestError::Missing(_)))
        }
        Step::DeleteTag { at, tag: name } => told(test.delete(repository(at), tag(name)).await, |error| {
            matches!(error, DeleteManifestError::Unknown)
        }),
        Step::DeleteManifest { at, manifest } => {
            let deleted = test.delete(repository(at), stock.manifests[*manifest].digest.clone()).await;
            told(deleted, |error| matches!(error, DeleteManifestError::Unknown))
        }
        Step::DeleteBlob { at, blob } => {
            let deleted = test.delete_blob(repository(at), &stock.blobs[*blob].digest).await;
            told(deleted, |error| !matches!(error, DeleteBlobError::Store(_)))
        }
        Step::Wait => {
            test.memory.clock().advance(Duration::from_hours(2));
            Told::Done
        }
    }
}

fn told<T, E>(result: Result<T, E>, is_refusal: impl Fn(&E) -> bool) -> Told {
    match result {
        Ok(_) => Told::Done,
        Err(error) if is_refusal(&error) => Told::Refused,
        Err(_) => Told::Failed,
    }
}

#[tokio::test]
async fn whatever_fails_what_was_told_is_true_and_nothing_breaks() -> anyhow::Result<()> {
    let mut all_told = BTreeMap::new();
    for seed in 0..SEEDS {
        for outcome in run_seed(seed).await.with_context(|| format!("seed {seed}"))? {
            *all_told.entry(format!("{outcome:?}")).or_insert(0) += 1;
        }
    }
    assert!(
        all_told.len() == 3 && all_told.values().all(|count| *count > 500),
        "the runs are one-sided: {all_told:?}"
    );
    Ok(())
}

async fn run_seed(seed: u64) -> anyhow::Result<Vec<Told>> {
    let (stock, test, mut random) = (Stock::new(), TestRegistry::new(), Random::new(seed));
    let faulty = test.hooked(Arc::new(Faulty::new(seed, FAULTS_PERCENT)));
    let (mut visible, mut all_told) = (Visible::default(), Vec::new());
    // Blobs that a push which failed may still hold.
    let mut held = BTreeSet::new();
    for n in 0..STEPS {
        let step = stock.step(&mut random);
        let told = run(&stock, &faulty, &step).await;
        let (after, now) = (visible.after(&stock, &step), Visible::now(&stock, &test).await?);
        let is_held = matches!(&step, Step::DeleteBlob { at, blob } if held.contains(&(*at, *blob)));
        let is_true = match told {
            Told::Done => after.as_ref() == Some(&now),
            Told::Refused => (after.is_none() || is_held) && now == visible,
            Told::Failed => now == visible || after.as_ref() == Some(&now),
        };
        ensure!(is_true, "step {n}: {step:?} was {told:?}\nbefore {visible:?}\nnow {now:?}");
        match (&step, told) {
            (Step::Wait, _) => held.clear(),
            (Step::Put { at, manifest, .. }, Told::Failed) => {
                held.extend(stock.needs(*manifest).map(|blob| (*at, blob)));
            }
            _ => {}
        }
        invariants::check(&test, &stock.manifests).await.with_context(|| format!("step {n}: {step:?}"))?;
        visible = now;
        all_told.push(told);
    }
    Ok(all_told)
}

#[tokio::test]
async fn an_upload_in_pieces_gets_through_in_the_end() -> anyhow::Result<()> {
    for seed in 0..SEEDS {
        let mut random = Random::new(seed);
        let length = if random.chance(85) { random.below(5000) } else { random.below(24_000_000) };
        let content = random.bytes(length);
        let test = TestRegistry::new();
        let faulty = test.hooked(Arc::new(Faulty::new(seed, FAULTS_PERCENT)));
        let algorithm = *random.pick(&[Algorithm::Sha256, Algorithm::Sha512]);
        let digest = Digest::of(algorithm, &content);
        let session = faulty.registry.start_upload(algorithm);
        send_pieces(&faulty, &session, &content, &mut random)
            .await
            .with_context(|| format!("seed {seed}"))?;
        finish(&faulty, &session, &content, &digest).await.with_context(|| format!("seed {seed}"))?;
        assert!(test.blob(&app(), &digest).await? == Some(content), "seed {seed}: the content differs");
    }
    Ok(())
}

const MAX_TRIES: usize = 200;

/// Sends a part of the content, asking after every failure where the upload stands.
async fn send_pieces(
    test: &TestRegistry,
    session: &Session,
    content: &Bytes,
    random: &mut Random,
) -> anyhow::Result<()> {
    let (permit, mut acknowledged) = (may_push(&app()).await, 0);
    for _ in 0..random.below(6) {
        let Ok(offset_bytes) = test.registry.upload_offset(&permit, session).await else { continue };
        ensure!(
            offset_bytes >= acknowledged,
            "{acknowledged} bytes were acknowledged, {offset_bytes} are there"
        );
        let offset = usize::try_from(offset_bytes)?;
        let piece = content.slice(offset..offset + random.below(content.len() - offset + 1));
        if let Ok(offset_bytes) =
            test.registry.append_upload(&permit, session, None, stream_of(piece, 99_999)).await
        {
            acknowledged = offset_bytes;
        }
    }
    Ok(())
}

/// Sends the rest until that succeeds.
async fn finish(
    test: &TestRegistry,
    session: &Session,
    content: &Bytes,
    digest: &Digest,
) -> anyhow::Result<()> {
    let permit = may_push(&app()).await;
    let mut failure = None;
    for _ in 0..MAX_TRIES {
        let offset = match test.registry.upload_offset(&permit, session).await {
            Ok(offset_bytes) => usize::try_from(offset_bytes)?,
            Err(StatusError::Session(SessionError::Unknown)) => content.len(),
            Err(_) => continue,
        };
        let rest = stream_of(content.slice(offset..), 99_999);
        match test.registry.finish_upload(&permit, session, digest, None, rest).await {
            Ok(_) => return Ok(()),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.context("it never got as far as the end")?.into())
}
