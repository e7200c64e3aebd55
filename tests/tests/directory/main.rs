//! LDAP by the API: a running registry and a real `slapd`.

#[path = "../../../shared/ldap/tests/slapd/ldif.rs"]
#[expect(dead_code, reason = "the tests of the library need more of it")]
mod ldif;
#[path = "../../../shared/ldap/tests/slapd/server.rs"]
#[expect(dead_code, reason = "the tests of the library need more of it")]
mod server;

use berth_tests::{Berth, Mode};
use reqwest::Method;
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use crate::server::Slapd;

const DEVS: &str = "CN=Devs, ou=groups,dc=example,dc=org";

/// A registry and whoever asks it.
struct Registry<'a> {
    berth: &'a Berth,
    client: Client,
    password: String,
}

impl<'a> Registry<'a> {
    fn of(berth: &'a Berth) -> Self {
        Self { berth, client: Client::new(), password: berth.admin_password() }
    }

    fn send(&self, who: (&str, &str), method: Method, path: &str, body: Option<&Value>) -> Response {
        let url = self.berth.url(&format!("/api/v2.0{path}"));
        let request = self.client.request(method, url).basic_auth(who.0, Some(who.1));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        request.send().expect("an answer")
    }

    fn admin(&self, method: Method, path: &str, body: &Value) -> Response {
        let body = Some(body).filter(|body| !body.is_null());
        self.send(("admin", &self.password), method, path, body)
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.admin(Method::GET, path, &Value::Null);
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().expect("JSON")
    }

    /// Whether somebody can sign in, at the REST API and at the token service.
    fn signs_in(&self, name: &str, password: &str) -> bool {
        let status = self.send((name, password), Method::GET, "/users/current", None).status().as_u16();
        let token = self.client.get(self.berth.url("/token?service=x")).basic_auth(name, Some(password));
        let token = token.send().expect("an answer").status().as_u16();
        assert_eq!(status, token, "{name}");
        match status {
            200 => true,
            401 => false,
            other => panic!("{name}: {other}\n{}", self.berth.log_tail()),
        }
    }
}

/// The items for this server.
fn items(server: &Slapd) -> Value {
    json!({
        "auth_mode": "ldap_auth",
        "ldap_url": format!("ldap://127.0.0.1:{}", server.port),
        "ldap_search_dn": "cn=reader,dc=example,dc=org",
        "ldap_search_password": "readerpw",
        "ldap_base_dn": "ou=people,dc=example,dc=org",
        "ldap_uid": "uid",
        "ldap_timeout": 30,
        "ldap_group_base_dn": "ou=groups,dc=example,dc=org",
    })
}

#[test]
fn directory_is_set_up_tried_and_used_by_the_api() {
    let Some(server) = Slapd::start() else { return };
    let berth = Berth::start_with_users(Mode::Gateway);
    let registry = Registry::of(&berth);
    assert!(!registry.signs_in("alice", "alicepw"));
    let asked = json!({ "ldap_url": format!("ldap://127.0.0.1:{}", server.port), "ldap_base_dn": "dc=example,dc=org",
        "ldap_search_dn": "cn=reader,dc=example,dc=org", "ldap_search_password": "readerpw", "ldap_connection_timeout": 30 });
    let ping: Value = registry.admin(Method::POST, "/ldap/ping", &asked).json().expect("JSON");
    assert_eq!(ping, json!({ "success": true, "message": "" }));

    assert_eq!(registry.admin(Method::PUT, "/configurations", &items(&server)).status(), 200);
    let ping: Value = registry.admin(Method::POST, "/ldap/ping", &json!({})).json().expect("JSON");
    assert_eq!(ping["success"], true, "{ping}");
    let found = registry.get("/ldap/users/search?username=ali*");
    assert_eq!(
        found,
        json!([{ "username": "alice", "realname": "Alice (A) * test", "email": "alice@example.org" }])
    );
    let group = json!([{ "group_name": "devs", "ldap_group_dn": "cn=devs,ou=groups,dc=example,dc=org" }]);
    assert_eq!(registry.get("/ldap/groups/search?groupname=dev*"), group);
    assert_eq!(registry.get(&format!("/ldap/groups/search?groupdn={}", DEVS.replace(' ', "%20"))), group);
    let none = registry.admin(Method::GET, "/ldap/groups/search?groupname=none", &Value::Null);
    assert_eq!(none.status(), 404);

    let import = json!({ "ldap_uid_list": ["carol", "nobody", "", "admin"] });
    let failed = registry.admin(Method::POST, "/ldap/users/import", &import);
    assert_eq!(failed.status(), 404);
    let failed: Value = failed.json().expect("JSON");
    assert_eq!(failed[0], json!({ "uid": "nobody", "error": "unknown_user" }));
    assert_eq!((&failed[1]["error"], failed.as_array().map(Vec::len)), (&json!("empty_uid"), Some(3)));
    assert_eq!(registry.get("/users?username=carol")[0]["username"], "carol");

    members_of_a_group(&registry);
    what_changes_counts_at_once(&registry, &server);
}

/// A group that is written in another way than the directory writes it gives its members their role.
fn members_of_a_group(registry: &Registry<'_>) {
    assert_eq!(registry.admin(Method::POST, "/projects", &json!({ "project_name": "team" })).status(), 201);
    let group = json!({ "group_name": "devs", "group_type": 1, "ldap_group_dn": DEVS });
    assert_eq!(registry.admin(Method::POST, "/usergroups", &group).status(), 201);
    let again =
        json!({ "group_name": "d", "group_type": 1, "ldap_group_dn": "cn=devs,ou=groups,dc=example,dc=org" });
    assert_eq!(registry.admin(Method::POST, "/usergroups", &again).status(), 409);
    let member = json!({ "role_id": 2, "member_group": { "group_type": 1, "ldap_group_dn": DEVS } });
    assert_eq!(registry.admin(Method::POST, "/projects/team/members", &member).status(), 201);
    for (name, password, status) in
        [("alice", "alicepw", 200), ("smith", "smithpw", 200), ("bob", "bobpw", 403)]
    {
        let seen = registry.send((name, password), Method::GET, "/projects/team", None);
        assert_eq!(seen.status(), status, "{name}");
    }
    assert!(
        !registry.signs_in("alice", "wrong")
            && !registry.signs_in("alice", "")
            && !registry.signs_in("none", "x")
    );
}

fn what_changes_counts_at_once(registry: &Registry<'_>, server: &Slapd) {
    let guests = json!({ "ldap_filter": "(employeeType=guest)" });
    assert_eq!(registry.admin(Method::PUT, "/configurations", &guests).status(), 200);
    assert!(registry.signs_in("bob", "bobpw") && !registry.signs_in("smith", "smithpw"));
    // People came in this mode, so it stays.
    let other = registry.admin(Method::PUT, "/configurations", &json!({ "auth_mode": "db_auth" }));
    assert_eq!(other.status(), 400);
    let wrong = json!({ "ldap_search_password": "wrong" });
    assert_eq!(registry.admin(Method::PUT, "/configurations", &wrong).status(), 200);
    let down = registry.send(("bob", "bobpw"), Method::GET, "/users/current", None);
    assert_eq!(down.status(), 503);
    // Users of our own do not depend on it, and neither is any secret in what was answered or logged.
    let shown = registry.get("/configurations").to_string()
        + &registry.get("/auditlog-exts?page_size=100").to_string();
    for secret in ["readerpw", "alicepw", "bobpw"] {
        assert!(!shown.contains(secret) && !registry.berth.log().contains(secret), "{secret}");
    }
    assert_eq!(registry.admin(Method::PUT, "/configurations", &items(server)).status(), 200);
}

#[test]
fn directory_in_a_file_is_locked() {
    let Some(server) = Slapd::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ldap.json");
    std::fs::write(&file, items(&server).to_string()).expect("a file");
    let file = file.display().to_string();
    let berth = Berth::start_with(Mode::Gateway, &["--users", "--ldap", &file]);
    let registry = Registry::of(&berth);
    assert!(registry.signs_in("alice", "alicepw"));
    let configured = registry.get("/configurations");
    assert_eq!(configured["ldap_uid"], json!({ "value": "uid", "editable": false }));
    assert_eq!(configured["auth_mode"], json!({ "value": "ldap_auth", "editable": false }));
    let refused = registry.admin(Method::PUT, "/configurations", &json!({ "ldap_uid": "cn" }));
    assert_eq!(refused.status(), 403);
    let told = refused.text().expect("a text");
    assert!(told.contains("--ldap"), "{told}");
}
