//! Sign-in at a real OpenID Connect provider (tests/oidc), with something that behaves as a browser does.

use std::collections::BTreeMap;
use std::fs;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use berth_tests::{Berth, Mode, Supervised, Tool};
use reqwest::Method;
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

const MAX_STEPS: usize = 20;
const CSRF: &str = "x-harbor-csrf-token";

/// A provider, and a registry whose people sign in there.
struct Scene {
    provider: Supervised,
    berth: Berth,
}

impl Scene {
    /// `None` without the provider's program.
    fn start(more: &Value) -> Option<Self> {
        let provider = provider()?;
        let mut settings = json!({
            "oidc_name": "tests", "oidc_endpoint": address(&provider), "oidc_client_id": "berth",
            "oidc_client_secret": "secret of the tests", "oidc_groups_claim": "groups", "oidc_admin_group": "admins",
            "oidc_auto_onboard": true, "oidc_logout": true,
        });
        settings.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let file = provider.folder().join("oidc.json");
        fs::write(&file, settings.to_string()).expect("the folder is writable");
        let file = file.display().to_string();
        let berth = Berth::start_with(Mode::Gateway, &["--users", "--oidc", &file, "--allow-local-issuers"]);
        Some(Self { provider, berth })
    }

    /// The REST API with credentials.
    fn ask(&self, who: (&str, &str), method: Method, path: &str, body: Option<&Value>) -> Response {
        let url = self.berth.url(&format!("/api/v2.0{path}"));
        let request = self.berth.client().request(method, url).basic_auth(who.0, Some(who.1));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        request.send().expect("the registry answers")
    }

    /// What of `scope` a token for the registry allows, as `docker login` and a push would have it.
    fn allowed(&self, who: (&str, &str), scope: &str) -> Option<Value> {
        let url = self.berth.url(&format!("/token?service={}&scope={scope}", self.berth.host()));
        let answer = self.berth.client().get(url).basic_auth(who.0, Some(who.1)).send().expect("an answer");
        if answer.status() == 401 {
            return None;
        }
        let token: Value = answer.json().expect("a token");
        let token = token["token"].as_str().expect("a token").to_owned();
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("claims")).expect("base64url");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        Some(claims["access"][0]["actions"].clone())
    }
}

fn provider() -> Option<Supervised> {
    let program = Tool::find("oidc-provider")?;
    let mut provider = Supervised::start("oidc", |_| vec![program.path().display().to_string()]);
    provider.wait_for("the provider", |provider| {
        provider.log().contains("the provider is at http").then_some(())
    });
    Some(provider)
}

fn address(provider: &Supervised) -> String {
    let log = provider.log();
    let (_, after) = log.split_once("the provider is at ").expect("it says where it is");
    after.split_whitespace().next().expect("an address").to_owned()
}

/// A browser: keeps cookies by host, goes where it is sent, and fills in forms.
struct Browser {
    client: Client,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// Where it stops instead of going on.
    stop_at: Option<&'static str>,
}

/// A page that it has arrived at.
struct Page {
    url: String,
    status: u16,
    csrf: Option<String>,
    body: String,
}

impl Browser {
    fn new() -> Self {
        let client = Client::builder().redirect(Policy::none()).build().expect("a client");
        Self { client, cookies: BTreeMap::new(), stop_at: None }
    }

    fn send(&mut self, method: Method, url: &str, headers: &[(&str, &str)], body: String) -> Page {
        let (mut method, mut url, mut headers, mut body) = (method, url.to_owned(), headers.to_vec(), body);
        for _ in 0..MAX_STEPS {
            let host = host(&url);
            let mut request = self.client.request(method, &url).body(body);
            for (name, value) in &headers {
                request = request.header(*name, *value);
            }
            let jar = self.cookies.entry(host.clone()).or_default();
            let held: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if !held.is_empty() {
                request = request.header("cookie", held.join("; "));
            }
            let answer = request.send().expect("an answer");
            for line in answer.headers().get_all("set-cookie") {
                let line = line.to_str().expect("text");
                let (name, rest) = line.split_once('=').expect("a cookie");
                let value = rest.split(';').next().unwrap_or_default();
                if value.is_empty() {
                    jar.remove(name)
                } else {
                    jar.insert(name.to_owned(), value.to_owned())
                };
            }
            let text =
                |name: &str| answer.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
            let (status, location, csrf) = (answer.status().as_u16(), text("location"), text(CSRF));
            let Some(location) = location.filter(|_| (300..400).contains(&status)) else {
                return Page { url, status, csrf, body: answer.text().unwrap_or_default() };
            };
            url = if location.starts_with('/') { format!("http://{host}{location}") } else { location };
            (method, headers, body) = (Method::GET, Vec::new(), String::new());
            if self.stop_at.is_some_and(|part| url.contains(part)) {
                return Page { url, status, csrf, body };
            }
        }
        panic!("sent from page to page: {url}");
    }

    fn get(&mut self, url: &str) -> Page {
        self.send(Method::GET, url, &[], String::new())
    }

    /// Sends the form of a page of the provider.
    fn fill_in(&mut self, page: &Page, fields: &str) -> Page {
        let (_, after) =
            page.body.split_once("action=\"").unwrap_or_else(|| panic!("no form: {}", page.body));
        let action = after.split('"').next().expect("an address");
        let url = if action.starts_with('/') {
            format!("http://{}{action}", host(&page.url))
        } else {
            action.to_owned()
        };
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, &url, &form, fields.to_owned())
    }

    /// Signs in at the provider, agrees, and comes back.
    fn sign_in(&mut self, berth: &Berth, name: &str) -> Page {
        let page = self.get(&berth.url("/c/oidc/login?redirect_url=/api/v2.0/users/current"));
        assert!(page.url.contains("/interaction/"), "{} {}", page.url, page.body);
        let page = self.fill_in(&page, &format!("prompt=login&login={name}&password=any"));
        self.fill_in(&page, "prompt=consent")
    }

    /// A request of a page of the registry.
    fn ask(&mut self, berth: &Berth, method: Method, path: &str, csrf: &str, body: &Value) -> Page {
        let headers = [("content-type", "application/json"), (CSRF, csrf)];
        self.send(method, &berth.url(path), &headers, body.to_string())
    }
}

fn host(url: &str) -> String {
    let (_, rest) = url.split_once("://").expect("a URL");
    rest.split(['/', '?']).next().expect("a host").to_owned()
}

fn json_of(page: &Page) -> Value {
    assert_eq!(page.status, 200, "{}: {}", page.url, page.body);
    serde_json::from_str(&page.body).expect("JSON")
}

/// [session-ends]
#[test]
fn walkthrough_at_a_provider() {
    let Some(scene) = Scene::start(&json!({})) else { return };
    let (berth, password) = (&scene.berth, scene.berth.admin_password());
    let admin = ("admin", password.as_str());
    let post = |path: &str, body: &Value| scene.ask(admin, Method::POST, path, Some(body)).status().as_u16();
    assert_eq!(post("/projects", &json!({ "project_name": "team" })), 201);
    let group = json!({ "group_name": "devs", "group_type": 3 });
    assert_eq!(post("/projects/team/members", &json!({ "role_id": 2, "member_group": group })), 201);

    let mut browser = Browser::new();
    let page = browser.sign_in(berth, "alice");
    let (alice, csrf) = (json_of(&page), page.csrf.clone().expect("a session is told its token"));
    assert_eq!((&alice["username"], &alice["email"]), (&json!("alice"), &json!("alice@id.example")));
    let tokens = format!("/api/v2.0/users/{}/cli-tokens", alice["user_id"]);
    let new = json!({ "name": "laptop" });
    assert_eq!(browser.ask(berth, Method::POST, &tokens, "wrong", &new).status, 403);
    let made = browser.ask(berth, Method::POST, &tokens, &csrf, &new);
    assert_eq!(made.status, 201, "{}", made.body);
    let made: Value = serde_json::from_str(&made.body).expect("JSON");
    let laptop = made["token"].as_str().expect("a token");

    // What `docker login` and a push do with it: the role is that of the group.
    let scope = "repository:team/app:pull,push,delete";
    assert_eq!(scene.allowed(("alice", laptop), scope), Some(json!(["pull", "push"])));
    assert_eq!(scene.allowed(("alice", "any"), scope), None, "there is no password");
    assert_eq!(scene.allowed(("bob", laptop), scope), None);
    let mut other = Browser::new();
    assert_eq!(json_of(&other.sign_in(berth, "bob"))["username"], "bob");
    assert_eq!(other.get(&berth.url("/api/v2.0/projects/team")).status, 403, "he is in no group");
    let mut chief = Browser::new();
    assert_eq!(json_of(&chief.sign_in(berth, "root"))["admin_role_in_auth"], true);
    assert_eq!(chief.get(&berth.url("/api/v2.0/users")).status, 200);

    let bob = format!("/users/{}", json_of(&other.get(&berth.url("/api/v2.0/users/current")))["user_id"]);
    assert_eq!(scene.ask(admin, Method::DELETE, &bob, None).status(), 200);
    assert_eq!(other.get(&berth.url("/api/v2.0/users/current")).status, 401, "his session goes with him");

    // Signing out leads to the provider's page and ends the session, not the token.
    let page = browser.get(&berth.url("/c/log_out"));
    assert!(page.url.starts_with(&format!("{}/session/end", address(&scene.provider))), "{}", page.url);
    assert_eq!(browser.get(&berth.url("/api/v2.0/users/current")).status, 401);
    assert!(scene.allowed(("alice", laptop), scope).is_some());
    let one = format!("/users/{}/cli-tokens/laptop", alice["user_id"]);
    assert_eq!(scene.ask(admin, Method::DELETE, &one, None).status(), 200);
    assert_eq!(scene.allowed(("alice", laptop), scope), None);
}

#[test]
fn walkthrough_with_a_name_that_is_taken() {
    let Some(scene) = Scene::start(&json!({})) else { return };
    let berth = &scene.berth;
    let mut browser = Browser::new();
    let page = browser.sign_in(berth, "admin");
    assert!(page.url.ends_with("/c/oidc/onboard") && page.body.contains("value=\"admin\""), "{}", page.body);
    let taken = browser.fill_in(&page, "username=admin");
    assert_eq!(taken.status, 409, "{}", taken.body);
    let user = json_of(&browser.fill_in(&page, "username=somebody"));
    assert_eq!((&user["username"], &user["sysadmin_flag"]), (&json!("somebody"), &json!(false)));
    assert_eq!(json_of(&Browser::new().sign_in(berth, "admin"))["user_id"], user["user_id"]);
}

#[test]
fn walkthrough_of_an_attacker() {
    let Some(scene) = Scene::start(&json!({})) else { return };
    let Some(evil) = provider() else { return };
    let berth = &scene.berth;
    // His own sign-in, up to the step back.
    let mut attacker = Browser { stop_at: Some("/c/oidc/callback"), ..Browser::new() };
    let callback = attacker.sign_in(berth, "bob").url;
    assert!(callback.contains("code=") && callback.contains("iss="), "{callback}");
    let mut victim = Browser::new();
    assert_eq!(victim.get(&callback).status, 400, "in a browser that did not begin it");
    victim.stop_at = Some("/auth?");
    let begun = victim.get(&berth.url("/c/oidc/login")).url;
    victim.stop_at = None;
    assert_eq!(victim.get(&callback).status, 400, "in a browser that began another");
    // A code of another provider, with the victim's own state: the answer names who gave it.
    let state = begun.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    let issuer = address(&evil).replace(':', "%3A").replace('/', "%2F");
    let mixed = berth.url(&format!("/c/oidc/callback?code=c0de&state={state}&iss={issuer}"));
    let refused = victim.get(&mixed);
    assert_eq!(refused.status, 401, "{}", refused.body);
    assert_eq!(victim.get(&mixed).status, 400, "the state is used up");
    assert_eq!(victim.get(&berth.url("/api/v2.0/users/current")).status, 401);
    // In his own browser it is good, once.
    attacker.stop_at = None;
    assert_eq!(attacker.get(&callback).status, 200);
    assert_eq!(attacker.get(&callback).status, 400, "replayed");
}
