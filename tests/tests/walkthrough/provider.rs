//! What Harbor's Terraform provider asks for its resources: each is made, read, changed, read by a plan that must find nothing to
//! do, removed and not found.
//!
//! The provider itself cannot be built where this was written: the Go module proxy does not serve it. So these are its requests
//! (goharbor/terraform-provider-harbor, `client` and `provider`), with its traps: every request has a body, `null` where there is
//! nothing to say, and the last part of `Location` is what it calls a thing.

mod resources;

use berth_tests::{Berth, Mode};
use reqwest::Method;
use serde_json::{Value, json};

use self::resources::{Resource, group, label, member, project, robot, user};

struct Provider {
    berth: Berth,
    password: String,
}

impl Provider {
    fn new() -> Self {
        let berth = Berth::start_with_users(Mode::Gateway);
        let password = berth.admin_password();
        Self { berth, password }
    }

    /// As the provider sends a request: always with JSON. Anything but `status` is its end.
    fn send(&self, method: &Method, path: &str, body: &Value, status: u16) -> (Value, Option<String>) {
        let url = self.berth.url(&format!("/api/v2.0{path}"));
        let request =
            self.berth.client().request(method.clone(), url).basic_auth("admin", Some(&self.password));
        let request = request.header("content-type", "application/json").body(format!("{body}\n"));
        let answer = request.send().expect("the registry answers");
        let found = answer.status().as_u16();
        let location =
            answer.headers().get("location").map(|value| value.to_str().expect("ASCII").to_owned());
        let text = answer.text().expect("a body");
        assert_eq!(found, status, "{method} {path} {body}: {text}\n{}", self.berth.log_tail());
        (serde_json::from_str(&text).unwrap_or(Value::Null), location)
    }

    fn read(&self, id: &str, state: &Value, kind: &str) {
        let (found, _) = self.send(&Method::GET, id, &Value::Null, 200);
        for (name, expected) in state.as_object().expect("fields") {
            assert_eq!(found[name], *expected, "{kind}: {name} of {found}");
        }
    }

    /// Makes it, and answers what the provider calls it.
    fn apply(&self, resource: &Resource) -> String {
        let (_, location) = self.send(&Method::POST, &resource.path, &resource.made, 201);
        let location = location.unwrap_or_else(|| panic!("{}: no Location", resource.kind));
        let id = location.replace("/api", "").replace("/v2.0", "");
        let number = id.rsplit('/').next().and_then(|last| last.parse::<u64>().ok());
        assert!(number.is_some(), "{}: {location}", resource.kind);
        self.read(&id, &resource.state, resource.kind);
        id
    }

    /// Changes it, twice: the second time there is nothing to change.
    fn change(&self, resource: &Resource, id: &str) {
        for (below, body) in &resource.changes {
            for _ in 0..2 {
                self.send(&Method::PUT, &format!("{id}{below}"), body, 200);
            }
        }
        self.read(id, &resource.changed, resource.kind);
    }

    fn destroy(&self, resource: &Resource, id: &str) {
        self.send(&Method::DELETE, id, &Value::Null, 200);
        // Only then does the provider forget it.
        let (error, _) = self.send(&Method::GET, id, &Value::Null, 404);
        assert_eq!(error["errors"][0]["code"], "NOT_FOUND", "{}", resource.kind);
    }

    fn life(&self, resource: &Resource) {
        let id = self.apply(resource);
        self.change(resource, &id);
        self.destroy(resource, &id);
    }
}

fn number(id: &str) -> u64 {
    id.rsplit('/').next().and_then(|last| last.parse().ok()).expect("a number")
}

#[test]
fn provider_keeps_projects_and_labels() {
    let provider = Provider::new();
    provider.life(&project("first"));
    // A new one of another name: the first name is kept free for a while.
    let project = project("second");
    let id = provider.apply(&project);
    provider.life(&label(None));
    provider.life(&label(Some(number(&id))));
    provider.destroy(&project, &id);
}

#[test]
fn provider_keeps_users_groups_and_members() {
    let provider = Provider::new();
    let (project, user) = (project("team"), user("managed"));
    let (project_id, user_id) = (provider.apply(&project), provider.apply(&user));
    provider.change(&user, &user_id);
    // The password is sent where it has changed.
    let password = json!({ "new_password": "Changed1again" });
    provider.send(&Method::PUT, &format!("{user_id}/password"), &password, 200);

    let members = format!("{project_id}/members");
    provider.life(&member(members.clone(), "member_user", &json!({ "username": "managed" }), "managed", "u"));
    let (builders, made) = (json!({ "group_name": "builders", "group_type": 3 }), group());
    let group_id = provider.apply(&made);
    provider.life(&member(members.clone(), "member_group", &builders, "builders", "g"));
    let by_number = json!({ "id": number(&group_id), "group_type": 3 });
    provider.life(&member(members, "member_group", &by_number, "builders", "g"));
    provider.change(&made, &group_id);
    provider.destroy(&made, &group_id);
    provider.destroy(&user, &user_id);
    provider.destroy(&project, &project_id);
}

#[test]
fn provider_keeps_robots_and_their_secrets() {
    let provider = Provider::new();
    let project = project("team");
    let project_id = provider.apply(&project);
    // The provider takes this off the names that it reads.
    let (settings, _) = provider.send(&Method::GET, "/configurations", &Value::Null, 200);
    assert_eq!(settings["robot_name_prefix"]["value"], "robot$");
    for level in ["system", "project"] {
        let robot = robot(level, "team");
        let id = provider.apply(&robot);
        let secret = json!({ "secret": "Chosen1secret" });
        provider.send(&Method::PATCH, &id, &secret, 200);
        provider.change(&robot, &id);
        provider.destroy(&robot, &id);
    }
    provider.destroy(&project, &project_id);
}

#[test]
fn provider_keeps_the_configuration_that_there_is() {
    let provider = Provider::new();
    for (restriction, days) in [("adminonly", 7), ("everyone", 30)] {
        let wanted = json!({
            "project_creation_restriction": restriction, "robot_token_duration": days, "read_only": false,
            "robot_name_prefix": "robot$", "storage_per_project": -1,
        });
        provider.send(&Method::PUT, "/configurations", &wanted, 200);
        let (found, _) = provider.send(&Method::GET, "/configurations", &Value::Null, 200);
        for (name, expected) in wanted.as_object().expect("fields") {
            assert_eq!(found[name]["value"], *expected, "{name}");
        }
    }
}
