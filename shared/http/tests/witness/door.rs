//! A registry with a few people and a witness that remembers.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_http::{Body, Oci, Settings, Viewer, whole_body};
use berth_protocol::RepositoryName;
use berth_registry::upload::Signer;
use berth_registry::{
    Agreed, Authorizer, Caller, Config, Credentials, Deed, Delivery, Exchanged, Forbidden, Grant, Happening,
    Holder, Registry, RepositoryAction, SignIn, Target, Token, TokenRequest, Visit, Witness,
};
use berth_testkit::build::{Built, image};
use berth_testkit::{CountingIds, Memory};
use bytes::Bytes;
use http::{Request, Response};

pub(crate) const PASSWORD: &str = "correct horse";
/// The number of the project `team`.
const TEAM: u64 = 7;

/// Knows `writer`, who may do everything, `reader`, who may pull, and `locked`, who has tried too often. Everybody may pull.
struct Door;

fn held(name: Option<&str>, repository: &RepositoryName) -> Grant {
    use RepositoryAction::{Delete, Pull, Push};
    let (allowed, refused) = match name {
        Some("writer") => (vec![Pull, Push, Delete], vec![]),
        _ => (vec![Pull], vec![Push, Delete]),
    };
    // A project that somebody may not see is 0 in his token.
    let project = if repository.as_str().starts_with("team/") { TEAM } else { 0 };
    Grant { repository: repository.clone(), project, allowed, refused, may_revive: false, role: None }
}

fn signed_in(credentials: &Credentials) -> Result<(), Forbidden> {
    match credentials.user.as_str() {
        "locked" => Err(Forbidden::TooManyFailures { retry_after_secs: 60 }),
        "writer" | "reader" if credentials.password == PASSWORD => Ok(()),
        _ => Err(Forbidden::Unauthenticated),
    }
}

#[async_trait]
impl SignIn for Door {
    async fn caller(&self, authorization: Option<&str>, _: &Visit) -> Result<Caller, Forbidden> {
        let Some(authorization) = authorization else { return Ok(Caller::Anonymous) };
        if let Some(token) = authorization.strip_prefix("Bearer ") {
            let name = token.strip_prefix("good:").ok_or(Forbidden::Unauthenticated)?;
            let name = Some(name.to_owned()).filter(|name| !name.is_empty());
            let grants = ["team/app", "hidden/app"]
                .map(|text| held(name.as_deref(), &text.parse().expect("a test writes it well")));
            return Ok(Caller::Holder(Holder { name, grants: grants.to_vec(), catalog: None }));
        }
        let credentials = Credentials::from_basic(authorization).ok_or(Forbidden::Unauthenticated)?;
        signed_in(&credentials)?;
        Ok(Caller::User { name: credentials.user })
    }

    async fn token(&self, request: TokenRequest, _: &Visit) -> Result<Token, Forbidden> {
        request.credentials.as_ref().map_or(Ok(()), signed_in)?;
        Ok(Token { text: "good:reader".to_owned(), ttl_secs: 60, issued_at_secs: 0 })
    }

    /// Takes the proof `good` for the robot `robot$ci`.
    async fn exchange(&self, proof: Credentials, _: &Visit) -> Result<Exchanged, Forbidden> {
        let token = Token { text: "t".to_owned(), ttl_secs: 60, issued_at_secs: 0 };
        let is_good = proof.password == "good";
        is_good.then(|| Exchanged { name: "robot$ci".to_owned(), token }).ok_or(Forbidden::Unauthenticated)
    }

    fn key_set(&self) -> String {
        String::new()
    }
}

#[async_trait]
impl Authorizer for Door {
    async fn check(
        &self,
        caller: &Caller,
        repository: &RepositoryName,
        action: RepositoryAction,
    ) -> Result<Agreed, Forbidden> {
        let name = match caller {
            Caller::Anonymous => return Err(Forbidden::Unauthenticated),
            Caller::User { name } => Some(name.as_str()),
            Caller::Holder(holder) => holder.name.as_deref(),
        };
        let grant = held(name, repository);
        if grant.allowed.contains(&action) {
            // A push would look for the project, which this storage does not have. The token says which it is.
            let project = (action != RepositoryAction::Push).then_some(grant.project);
            return Ok(Agreed { project, may_revive: false });
        }
        Err(if name.is_none() { Forbidden::Unauthenticated } else { Forbidden::Denied("no".to_owned()) })
    }

    async fn check_catalog(&self, _: &Caller) -> Result<(), Forbidden> {
        Err(Forbidden::Denied("no".to_owned()))
    }
}

/// Remembers everything.
#[derive(Default)]
struct Remembers(Mutex<Vec<Happening>>);

impl Witness for Remembers {
    fn note(&self, happening: Happening) {
        self.0.lock().expect("no panic").push(happening);
    }
}

pub(crate) struct World {
    oci: Oci,
    witness: Arc<Remembers>,
}

impl World {
    pub(crate) fn new() -> Self {
        let config = Config::new(Signer::new("a key for tests", None), Delivery::Stream);
        let registry = Registry::new(Memory::new().ports(), config);
        let settings = Settings { min_chunk_bytes: 1, max_body_bytes: None };
        let (door, witness) = (Arc::new(Door), Arc::new(Remembers::default()));
        let oci = Oci::new(registry, door.clone(), Arc::new(CountingIds::default()), settings);
        Self { oci: oci.with_sign_in(door).with_witness(witness.clone()), witness }
    }

    /// Sends a request, and answers its status.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> u16 {
        self.answer(method, path, headers, body).await.status().as_u16()
    }

    pub(crate) async fn answer(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path).header("host", "r.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request =
            request.header("user-agent", "docker/29").body(whole_body(body)).expect("a request");
        request.extensions_mut().insert(Viewer("192.0.2.1".parse().expect("a test writes it well")));
        self.oci.answer(request).await
    }

    /// The same as somebody with a token.
    pub(crate) async fn with_token(&self, name: &str, method: &str, path: &str) -> u16 {
        let authorization = format!("Bearer good:{name}");
        self.send(method, path, &[("authorization", &authorization)], "").await
    }

    /// An image in `team/app` under the tags `1` and `2`, pushed by `writer`. What was noted is forgotten.
    pub(crate) async fn pushed(&self) -> Built {
        let image = image().layer(b"files").build();
        self.upload(&image).await;
        assert_eq!(self.push(&image, "manifests/1").await, 201);
        assert_eq!(self.push(&image, "manifests/2").await, 201);
        self.told();
        image
    }

    pub(crate) async fn upload(&self, image: &Built) {
        for blob in &image.blobs {
            let path = format!("/v2/team/app/blobs/uploads/?digest={}", blob.digest);
            let headers = [("authorization", "Bearer good:writer")];
            assert_eq!(self.send("POST", &path, &headers, blob.content.clone()).await, 201);
        }
    }

    pub(crate) async fn push(&self, image: &Built, path: &str) -> u16 {
        let media_type = image.media_type.to_string();
        let headers = [("authorization", "Bearer good:writer"), ("content-type", &media_type)];
        self.send("PUT", &format!("/v2/team/app/{path}"), &headers, image.body.clone()).await
    }

    /// What the witness was told since it was last asked, in order.
    pub(crate) fn happenings(&self) -> Vec<Happening> {
        std::mem::take(&mut *self.witness.0.lock().expect("no panic"))
    }

    /// The same in words.
    pub(crate) fn told(&self) -> Vec<String> {
        self.happenings().iter().map(words).collect()
    }
}

fn words(happening: &Happening) -> String {
    assert_eq!(happening.address, Some("192.0.2.1".parse().expect("a test writes it well")));
    assert_eq!(happening.user_agent.as_deref(), Some("docker/29"));
    assert!(!happening.request_id.is_empty());
    let who = happening.username.as_deref().unwrap_or("nobody");
    let status = happening.status;
    match &happening.deed {
        Deed::SignIn => format!("{who} login {status}"),
        Deed::In { repository, project, action, target } => {
            let what = match target {
                Target::Manifest { reference, tags, digest } => {
                    let tags: String = tags.iter().fold(String::new(), |all, tag| all + "+" + tag.as_str());
                    let known = if digest.is_some() { "known" } else { "unknown" };
                    format!("{reference}{tags} {known}")
                }
                Target::Blob(digest) => format!("blob {digest}"),
                Target::Any => "-".to_owned(),
            };
            let project = project.map_or("-".to_owned(), |project| project.to_string());
            format!("{who} {action} {repository} {what} in {project} {status}")
        }
    }
}

pub(crate) fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}
