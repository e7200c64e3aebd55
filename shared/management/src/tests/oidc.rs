//! Signing in at a provider, from the first redirect to the session; and what cannot be done with the steps between.

use berth_identity::users::Source;
use berth_oidc::Settings;
use berth_testkit::Provider;
use form_urlencoded::parse;
use serde_json::{Value, json};

use super::sessions::current;
use super::world::{Reply, World, basic};

const LOGIN: &str = "berth_oidc_login";
const ONBOARD: &str = "berth_oidc_onboard";

struct Scene {
    world: World,
    provider: Provider,
}

/// A sign-in that has begun: what the browser holds, and what the provider was told.
struct Begun {
    cookie: String,
    state: String,
    nonce: String,
}

impl Scene {
    async fn new(auto_onboard: bool) -> Self {
        let provider = Provider::start().await;
        let settings = Settings {
            endpoint: provider.url().to_owned(),
            client_id: "berth".to_owned(),
            groups_claim: "groups".to_owned(),
            admin_group: "admins".to_owned(),
            auto_onboard,
            ..Settings::default()
        };
        Self { world: World::with_oidc(settings).await, provider }
    }

    async fn begin(&self) -> Begun {
        let reply = self.world.send("GET", "/c/oidc/login?redirect_url=/wished%3Fa=b", &[], "").await;
        assert_eq!(reply.status, 302, "{}", reply.body);
        let (secret, attributes) = reply.cookie(LOGIN).unwrap();
        assert_eq!(attributes, "Path=/c/oidc; Max-Age=600; HttpOnly; SameSite=Lax; Secure");
        let url = reply.header("location").unwrap();
        let query: std::collections::HashMap<_, _> =
            parse(url.split_once('?').unwrap().1.as_bytes()).into_owned().collect();
        assert_eq!(query["redirect_uri"], "https://registry.example/c/oidc/callback");
        Begun {
            cookie: format!("{LOGIN}={secret}"),
            state: query["state"].clone(),
            nonce: query["nonce"].clone(),
        }
    }

    fn vouch(&self, begun: &Begun, name: &str, groups: &Value) {
        let claims = json!({
            "iss": self.provider.url(), "aud": "berth", "sub": format!("of-{name}"), "nonce": begun.nonce,
            "iat": 0, "exp": u64::from(u32::MAX) * 2, "preferred_username": name,
            "email": format!("{name}@id.example"), "groups": groups,
        });
        self.provider.give(&self.provider.signed(&claims));
    }

    async fn back(&self, state: &str, cookie: &str) -> Reply {
        let path = format!("/c/oidc/callback?code=c0de&state={state}");
        self.world.send("GET", &path, &[("cookie", cookie)], "").await
    }

    async fn sign_in(&self, name: &str, groups: Value) -> Reply {
        let begun = self.begin().await;
        self.vouch(&begun, name, &groups);
        self.back(&begun.state, &begun.cookie).await
    }
}

fn sid(reply: &Reply) -> String {
    assert_eq!(reply.status, 302, "{}", reply.body);
    format!("sid={}", reply.cookie("sid").unwrap().0)
}

#[tokio::test]
async fn a_person_becomes_a_user_with_his_groups() {
    let scene = Scene::new(true).await;
    let world = &scene.world;
    let group = json!({ "group_name": "devs", "group_type": 3 });
    let member = json!({ "role_id": 2, "member_group": group });
    assert_eq!(world.post("admin", "/projects/team/members", member).await.status, 201);
    let reply = scene.sign_in("alice", json!(["devs"])).await;
    assert_eq!(reply.header("location"), Some("/wished?a=b"));
    assert_eq!(
        (reply.cookie(LOGIN).unwrap().0, reply.header("referrer-policy")),
        (String::new(), Some("no-referrer"))
    );
    let cookie = sid(&reply);
    let alice = current(world, &cookie).await.json();
    assert_eq!((&alice["username"], &alice["sysadmin_flag"]), (&json!("alice"), &json!(false)));
    assert_eq!(world.send("GET", "/api/v2.0/projects/team", &[("cookie", &cookie)], "").await.status, 200);
    // The provider took the group away, and made him an administrator.
    let cookie = sid(&scene.sign_in("alice", json!(["admins"])).await);
    let again = current(world, &cookie).await.json();
    assert_eq!((&again["user_id"], &again["admin_role_in_auth"]), (&alice["user_id"], &json!(true)));
    assert_eq!(world.send("GET", "/api/v2.0/users", &[("cookie", &cookie)], "").await.status, 200);
    let later = sid(&scene.sign_in("alice", json!([])).await);
    assert_eq!(current(world, &cookie).await.status, 401, "the session of an administrator is over");
    assert_eq!(world.send("GET", "/api/v2.0/projects/team", &[("cookie", &later)], "").await.status, 403);
}

#[tokio::test]
async fn a_state_is_good_once_and_in_one_browser() {
    let scene = Scene::new(true).await;
    let (begun, other) = (scene.begin().await, scene.begin().await);
    scene.vouch(&begun, "alice", &json!([]));
    // Login CSRF: the attacker's state in the victim's browser, whatever that browser holds.
    for cookie in ["", "a=b", &format!("{LOGIN}="), &format!("{LOGIN}={}", "0".repeat(64)), &other.cookie] {
        let reply = scene.back(&begun.state, cookie).await;
        assert_eq!((reply.status, reply.cookie("sid")), (400, None), "{cookie}");
    }
    for state in ["", "x", &other.state] {
        assert_eq!(scene.back(state, &begun.cookie).await.status, 400, "{state}");
    }
    assert!(scene.provider.asked("/token").is_empty(), "no code goes anywhere");
    sid(&scene.back(&begun.state, &begun.cookie).await);
    let replayed = scene.back(&begun.state, &begun.cookie).await;
    assert_eq!((replayed.status, replayed.cookie("sid")), (400, None));
    assert_eq!(scene.provider.asked("/token").len(), 1);
    // It also ends by itself.
    let late = scene.begin().await;
    scene.vouch(&late, "alice", &json!([]));
    scene.world.memory.clock().advance(std::time::Duration::from_mins(10));
    assert_eq!(scene.back(&late.state, &late.cookie).await.status, 400);
}

#[tokio::test]
async fn a_refusal_is_no_session() {
    let scene = Scene::new(true).await;
    let begun = scene.begin().await;
    scene.vouch(&scene.begin().await, "alice", &json!([]));
    let reply = scene.back(&begun.state, &begun.cookie).await;
    assert_eq!((reply.status, reply.cookie("sid")), (401, None), "the nonce of another sign-in");
    assert!(!reply.body.contains("nonce"), "{}", reply.body);
    let begun = scene.begin().await;
    let path = format!("/c/oidc/callback?error=access_denied&state={}", begun.state);
    let denied = scene.world.send("GET", &path, &[("cookie", &begun.cookie)], "").await;
    assert_eq!((denied.status, denied.cookie("sid")), (401, None));
    let begun = scene.begin().await;
    scene.provider.refuse(500, json!({}));
    let reply = scene.back(&begun.state, &begun.cookie).await;
    assert_eq!((reply.status, reply.error().0.as_str()), (503, "UNAVAILABLE"), "{}", reply.body);
}

#[tokio::test]
async fn whoever_has_no_name_yet_chooses_one() {
    for (auto_onboard, name) in [(false, "alice"), (true, "guest"), (true, "admin")] {
        let scene = Scene::new(auto_onboard).await;
        let world = &scene.world;
        let reply = scene.sign_in(name, json!([])).await;
        assert_eq!((reply.status, reply.cookie("sid")), (302, None), "{name}");
        assert_eq!(reply.header("location"), Some("/c/oidc/onboard"));
        let cookie = format!("{ONBOARD}={}", reply.cookie(ONBOARD).unwrap().0);
        let page = world.send("GET", "/c/oidc/onboard", &[("cookie", &cookie)], "").await;
        assert!(page.body.contains(&format!("value=\"{name}\"")), "{}", page.body);
        assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
        let choose = async |name: &str, headers: &[(&str, &str)]| {
            let json = [("content-type", "application/json"), ("cookie", cookie.as_str())];
            let body = json!({ "username": name }).to_string();
            world.send("POST", "/c/oidc/onboard", &[&json, headers].concat(), body).await
        };
        for (bad, status) in [("developer", 409), ("admin", 409), ("a/b", 400), ("", 400)] {
            assert_eq!(choose(bad, &[]).await.status, status, "{bad}");
        }
        assert_eq!(choose("alice2", &[("origin", "https://evil.example")]).await.status, 403);
        let chosen = choose("alice2", &[]).await;
        assert_eq!(chosen.status, 200, "{}", chosen.body);
        let session = format!("sid={}", chosen.cookie("sid").unwrap().0);
        assert_eq!(current(world, &session).await.json()["username"], "alice2");
        assert_eq!(choose("alice3", &[]).await.status, 400, "a second time");
        let user = world.directory.users().get("alice2").await.unwrap().unwrap();
        assert_eq!((user.source, user.password), (Source::Oidc, None));
        // From now on he is known.
        assert_eq!(
            current(world, &sid(&scene.sign_in(name, json!([])).await)).await.json()["username"],
            "alice2"
        );
    }
}

#[tokio::test]
async fn a_form_leads_on_to_where_he_wanted() {
    let scene = Scene::new(false).await;
    let reply = scene.sign_in("alice", json!([])).await;
    let cookie = format!("{ONBOARD}={}", reply.cookie(ONBOARD).unwrap().0);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", cookie.as_str())];
    let chosen = scene.world.send("POST", "/c/oidc/onboard", &headers, "username=alice").await;
    assert_eq!((chosen.status, chosen.header("location")), (302, Some("/wished?a=b")));
    assert_eq!(scene.world.send("POST", "/c/oidc/onboard", &headers[..1], "username=x").await.status, 400);
}

#[tokio::test]
async fn people_of_a_provider_have_no_password() {
    let scene = Scene::new(true).await;
    let world = &scene.world;
    let cookie = sid(&scene.sign_in("alice", json!([])).await);
    let me = current(world, &cookie).await;
    let (id, csrf) =
        (me.json()["user_id"].as_u64().unwrap(), me.header("x-harbor-csrf-token").unwrap().to_owned());
    let by_session =
        [("cookie", cookie.as_str()), ("x-harbor-csrf-token", &csrf), ("content-type", "application/json")];
    let put = async |path: &str, headers: &[(&str, &str)], body: Value| {
        world.send("PUT", &format!("/api/v2.0/users/{id}/{path}"), headers, body.to_string()).await
    };
    let password = json!({ "new_password": "Password2" });
    assert_eq!(put("password", &by_session, password.clone()).await.status, 412);
    assert_eq!(world.put("admin", &format!("/users/{id}/password"), password).await.status, 412);
    assert_eq!(put("cli_secret", &by_session, json!({ "secret": "short" })).await.status, 400);
    assert_eq!(put("cli_secret", &by_session, json!({ "secret": "Chosen123" })).await.status, 200);
    let by_secret = basic("alice", "Chosen123");
    let by_secret = [("authorization", by_secret.as_str()), ("content-type", "application/json")];
    assert_eq!(world.send("GET", "/api/v2.0/users/current", &by_secret, "").await.status, 200);
    // It stands for him where there is no browser, and nowhere else.
    assert_eq!(put("cli_secret", &by_secret, json!({ "secret": "Chosen456" })).await.status, 403);
    let more = json!({ "name": "ci" }).to_string();
    let tokens = format!("/api/v2.0/users/{id}/cli-tokens");
    assert_eq!(world.send("POST", &tokens, &by_secret, more.clone()).await.status, 403);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let login = world.send("POST", "/c/login", &form, "principal=alice&password=Chosen123").await;
    assert_eq!((login.status, login.cookie("sid")), (403, None));
    assert_eq!(
        world.put("admin", &format!("/users/{id}/cli_secret"), json!({ "secret": "Chosen789" })).await.status,
        403
    );
    assert_eq!(world.send("POST", &tokens, &by_session, more).await.status, 201);
    let listed = world.get("admin", &format!("/users/{id}/cli-tokens")).await;
    assert_eq!(listed.column("name"), ["ci", "cli_secret"]);
}
