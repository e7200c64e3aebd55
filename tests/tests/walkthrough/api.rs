//! The REST API, as an administrator uses it to set the scene.

use std::sync::OnceLock;

use berth_tests::{Berth, Mode};
use reqwest::Method;
use reqwest::blocking::Response;
use serde_json::{Value, json};

/// Everybody's.
pub(crate) const PASSWORD: &str = "Password1";

/// The one registry with users that all of these tests share.
pub(crate) fn registry() -> &'static Berth {
    static REGISTRY: OnceLock<Berth> = OnceLock::new();
    REGISTRY.get_or_init(|| Berth::start_with_users(Mode::Gateway))
}

/// The API with the rights of the first administrator.
pub(crate) struct Api {
    berth: &'static Berth,
    password: String,
}

/// Two projects, and who has to do with them.
pub(crate) struct People {
    /// A private project.
    pub(crate) closed: String,
    /// A public one.
    pub(crate) open: String,
    /// A developer in both.
    pub(crate) developer: String,
    /// A guest in both.
    pub(crate) guest: String,
    /// A robot that may pull from both.
    pub(crate) robot: String,
    pub(crate) robot_secret: String,
}

impl Api {
    pub(crate) fn of(berth: &'static Berth) -> Self {
        Self { berth, password: berth.admin_password() }
    }

    /// Makes projects and people whose names begin with `name`.
    pub(crate) fn people(&self, name: &str) -> People {
        let [closed, open] = ["closed", "open"].map(|kind| format!("{name}-{kind}"));
        let [developer, guest] = ["developer", "guest"].map(|role| format!("{name}-{role}"));
        for user in [&developer, &guest] {
            let body = json!({
                "username": user, "email": format!("{user}@example.org"), "realname": user, "password": PASSWORD,
            });
            self.creates("/users", &body);
        }
        for (project, is_public) in [(&closed, "false"), (&open, "true")] {
            self.creates(
                "/projects",
                &json!({ "project_name": project, "metadata": { "public": is_public } }),
            );
            for (user, role_id) in [(&developer, 2), (&guest, 3)] {
                let body = json!({ "role_id": role_id, "member_user": { "username": user } });
                self.creates(&format!("/projects/{project}/members"), &body);
            }
        }
        let access = json!([{ "resource": "repository", "action": "pull" }]);
        let permissions: Vec<Value> = [&closed, &open]
            .map(|project| json!({ "kind": "project", "namespace": project, "access": access }))
            .into();
        let robot = json!({
            "name": name, "level": "system", "duration": 30, "disable": false, "permissions": permissions,
        });
        let robot: Value = self.creates("/robots", &robot).json().expect("a robot is JSON");
        let text =
            |field: &str| robot[field].as_str().unwrap_or_else(|| panic!("no {field}: {robot}")).to_owned();
        People { robot: text("name"), robot_secret: text("secret"), closed, open, developer, guest }
    }

    fn creates(&self, path: &str, body: &Value) -> Response {
        let answer = self.send(Method::POST, path, body);
        assert_eq!(
            answer.status(),
            201,
            "{path}: {}\n{}",
            answer.text().unwrap_or_default(),
            self.berth.log_tail()
        );
        answer
    }

    pub(crate) fn deletes(&self, path: &str) {
        let answer = self.send(Method::DELETE, path, &Value::Null);
        assert_eq!(answer.status(), 200, "{path}: {}", answer.text().unwrap_or_default());
    }

    fn send(&self, method: Method, path: &str, body: &Value) -> Response {
        let request = self.berth.client().request(method, self.berth.url(&format!("/api/v2.0{path}")));
        let request = request.basic_auth("admin", Some(&self.password)).json(body);
        request.send().expect("the registry answers")
    }
}
