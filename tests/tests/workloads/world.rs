//! A registry that believes issuers on loopback, with a project and a robot in it, and an issuer.

use std::time::{SystemTime, UNIX_EPOCH};

use berth_tests::{Berth, Mode, sha256_digest};
use reqwest::Method;
use reqwest::blocking::{RequestBuilder, Response};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::issuer::Issuer;
use crate::keys::{Key, token};

pub(crate) const ROBOT: &str = "robot$team+ci";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const KEY_ID: &str = "k1";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

pub(crate) struct World {
    pub(crate) berth: Berth,
    pub(crate) issuer: Issuer,
    pub(crate) robot: u64,
    key: Key,
    /// Runs the servers of the test.
    pub(crate) runtime: Runtime,
}

impl World {
    /// With more arguments for the registry.
    pub(crate) fn with(key: Key, extra: &[&str]) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let issuer = runtime.block_on(Issuer::start(&[key.jwk(KEY_ID)]));
        let arguments = [&["--users", "--allow-local-issuers"], extra].concat();
        let berth = Berth::start_with(Mode::Gateway, &arguments);
        let mut world = Self { berth, issuer, robot: 0, key, runtime };
        world.creates("/projects", &json!({ "project_name": "team" }));
        let access = json!([
            { "resource": "repository", "action": "pull" }, { "resource": "repository", "action": "push" },
        ]);
        let permission = json!({ "kind": "project", "namespace": "team", "access": access });
        let robot = json!({ "name": "ci", "level": "project", "duration": -1, "permissions": [permission] });
        world.robot = world.creates("/robots", &robot)["id"].as_u64().expect("a number");
        world
    }

    pub(crate) fn new() -> Self {
        Self::with(Key::p256(), &[])
    }

    /// Asks the REST API, as the administrator.
    pub(crate) fn ask(&self, method: Method, path: &str, body: &Value) -> Response {
        let request = self.berth.client().request(method, self.berth.url(&format!("/api/v2.0{path}")));
        let request = request.basic_auth("admin", Some(self.berth.admin_password())).json(body);
        request.send().expect("the registry answers")
    }

    fn creates(&self, path: &str, body: &Value) -> Value {
        let answer = self.ask(Method::POST, path, body);
        let (status, text) = (answer.status(), answer.text().expect("a body"));
        assert_eq!(status, 201, "{path}: {text}\n{}", self.berth.log_tail());
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Makes a rule of the robot; answers its path.
    pub(crate) fn rule(&self, rule: &Value) -> String {
        let path = format!("/robots/{}/trust-rules", self.robot);
        let made = self.creates(&path, rule);
        format!("{path}/{}", made["id"])
    }

    /// A rule for tokens of the issuer from repository 42.
    pub(crate) fn token_rule(&self, single_use: bool) -> String {
        self.rule(&json!({
            "name": "a rule", "issuer": self.issuer.url, "single_use": single_use,
            "claims": { "repository_id": { "equals": "42" } },
        }))
    }

    /// A token of the issuer for `audience`.
    pub(crate) fn proof_for(&self, audience: &str, id: &str) -> String {
        let now_secs = now_secs();
        let claims = json!({
            "iss": self.issuer.url, "aud": audience, "sub": "repo:o/x", "jti": id, "iat": now_secs,
            "exp": now_secs + 300, "repository_id": "42",
        });
        token(&self.key, &json!({ "alg": self.key.algorithm(), "kid": KEY_ID, "typ": "JWT" }), &claims)
    }

    pub(crate) fn proof(&self) -> String {
        self.proof_for(self.berth.host(), "j1")
    }

    /// What the token service answers to docker, which asks with Basic.
    pub(crate) fn token(&self, user: &str, password: &str) -> Response {
        let url = self.berth.url("/token?service=berth&scope=repository:team/app:pull,push");
        self.berth.client().get(url).basic_auth(user, Some(password)).send().expect("the registry answers")
    }

    pub(crate) fn bearer(&self, user: &str, password: &str) -> String {
        let answer = self.token(user, password);
        let (status, text) = (answer.status(), answer.text().expect("a body"));
        assert_eq!(status, 200, "{text}\n{}", self.berth.log_tail());
        let body: Value = serde_json::from_str(&text).expect("JSON");
        body["token"].as_str().expect("a token").to_owned()
    }

    /// What the token service answers to an exchange.
    pub(crate) fn exchange(&self, kind: &str, proof: &str) -> Response {
        let fields = [("grant_type", GRANT), ("subject_token_type", kind), ("subject_token", proof)];
        let mut form = reqwest::Url::parse("form:").expect("a URL");
        form.query_pairs_mut().extend_pairs(fields);
        let request = self.berth.client().post(self.berth.url("/token"));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(form.query().unwrap_or_default().to_owned()).send().expect("the registry answers")
    }

    fn registry(&self, method: Method, path: &str, bearer: &str) -> RequestBuilder {
        self.berth
            .client()
            .request(method, self.berth.url(&format!("/v2/team/app{path}")))
            .bearer_auth(bearer)
    }

    /// Pushes an image of one blob, which says `text`, and pulls it again.
    pub(crate) fn push_and_pull(&self, bearer: &str, text: &str) {
        let digest = sha256_digest(text.as_bytes());
        let path = format!("/blobs/uploads/?digest={digest}");
        let answer = self.registry(Method::POST, &path, bearer).body(text.to_owned()).send();
        assert_eq!(answer.expect("the registry answers").status(), 201, "{}", self.berth.log_tail());
        let blob = json!({
            "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": text.len(),
        });
        let manifest = json!({ "schemaVersion": 2, "mediaType": IMAGE, "config": blob, "layers": [] });
        let request = self.registry(Method::PUT, "/manifests/v1", bearer).header(CONTENT_TYPE, IMAGE);
        let answer = request.body(manifest.to_string()).send().expect("the registry answers");
        assert_eq!(answer.status(), 201, "{}", answer.text().unwrap_or_default());
        let pulled =
            self.registry(Method::GET, "/manifests/v1", bearer).send().expect("the registry answers");
        assert_eq!(pulled.text().expect("a manifest"), manifest.to_string());
        let pulled = self.registry(Method::GET, &format!("/blobs/{digest}"), bearer).send();
        assert_eq!(pulled.expect("the registry answers").text().expect("a blob"), text);
    }

    /// Who a password says somebody is, as the REST API tells it; `None` if it is refused.
    pub(crate) fn is_let_in(&self, user: &str, password: &str) -> bool {
        self.token(user, password).status() == 200
    }
}

#[expect(clippy::disallowed_methods, reason = "the registry under test has the real time")]
pub(crate) fn now_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}
