//! A registry with users, on a folder that outlives it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use berth_tests::{program, sha256_digest};
use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
/// Of the users that tests make. It stands nowhere but in requests.
pub(crate) const PASSWORD: &str = "Sup3rS3cretMarker";

pub(crate) struct Registry {
    process: Child,
    pub(crate) url: String,
    /// The generated password of `admin`; empty if he was there already.
    pub(crate) password: String,
    client: Client,
}

impl Registry {
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        let mut process = Command::new(program())
            .args(["--port", "0", "--data"])
            .arg(data)
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("berth starts");
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        let mut line = String::new();
        output.read_line(&mut line).expect("it prints its address");
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).expect("an address");
        let url = url.trim_end_matches(',').to_owned();
        // The second line comes with the first start alone.
        let mut password = String::new();
        if !data.join("known").exists() {
            line.clear();
            output.read_line(&mut line).expect("it prints a password");
            let rest = line.strip_prefix("sign in as admin with the password ").expect("a password");
            rest.split_whitespace().next().expect("a password").clone_into(&mut password);
            std::fs::write(data.join("known"), "").expect("a mark");
        }
        Self { process, url, password, client: Client::new() }
    }

    /// SIGKILL: no handler runs, no buffer is flushed.
    pub(crate) fn kill(mut self) {
        self.process.kill().expect("it is there to be killed");
        self.process.wait().expect("it ends");
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// Sends something to the REST API as `admin`.
    pub(crate) fn administer(&self, password: &str, path: &str, body: &Value) {
        let request =
            self.request(Method::POST, &format!("/api/v2.0{path}")).basic_auth("admin", Some(password));
        let answer = request.json(body).send().expect("an answer");
        assert_eq!(answer.status(), 201, "{path}: {}", answer.text().unwrap_or_default());
    }

    /// What the REST API shows `admin`.
    pub(crate) fn shown(&self, password: &str, path: &str) -> Value {
        let request =
            self.request(Method::GET, &format!("/api/v2.0{path}")).basic_auth("admin", Some(password));
        let answer = request.send().expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().expect("JSON")
    }

    /// The whole export, part by part.
    pub(crate) fn export(&self, password: &str, path: &str) -> Vec<Value> {
        let (mut entries, mut path) = (Vec::new(), format!("/api/v2.0{path}"));
        loop {
            let answer = self.request(Method::GET, &path).basic_auth("admin", Some(password)).send();
            let answer = answer.expect("an answer");
            assert_eq!(answer.status(), 200, "{path}");
            assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
            let link = answer.headers().get("link").map(|link| link.to_str().expect("ASCII").to_owned());
            let text = answer.text().expect("text");
            entries.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")));
            match link {
                Some(link) => link[1..].split('>').next().expect("a path").clone_into(&mut path),
                None => return entries,
            }
        }
    }

    /// Makes the private project `team` and `ann`, who is a guest in it.
    pub(crate) fn set_up(&self) {
        let password = &self.password;
        self.administer(password, "/projects", &json!({ "project_name": "team" }));
        let ann =
            json!({ "username": "ann", "email": "ann@r.test", "realname": "Ann", "password": PASSWORD });
        self.administer(password, "/users", &ann);
        let member = json!({ "role_id": 3, "member_user": { "username": "ann" } });
        self.administer(password, "/projects/team/members", &member);
    }

    /// Pushes an image into `team/app` as `admin`, and answers its digest.
    pub(crate) fn push(&self, tag: &str) -> String {
        let config = b"{}";
        let digest = sha256_digest(config);
        let upload = self.request(Method::POST, &format!("/v2/team/app/blobs/uploads/?digest={digest}"));
        let answer = upload.basic_auth("admin", Some(&self.password)).body(&config[..]).send();
        assert_eq!(answer.expect("an answer").status(), 201);
        let descriptor =
            json!({ "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": 2 });
        let manifest = json!({ "schemaVersion": 2, "mediaType": IMAGE, "config": descriptor, "layers": [] });
        let manifest = manifest.to_string();
        let put = self.request(Method::PUT, &format!("/v2/team/app/manifests/{tag}"));
        let put = put.basic_auth("admin", Some(&self.password)).header("content-type", IMAGE);
        assert_eq!(put.body(manifest.clone()).send().expect("an answer").status(), 201);
        sha256_digest(manifest.as_bytes())
    }

    /// A token for `ann`, as an `Authorization` header.
    pub(crate) fn token(&self, scope: &str) -> String {
        let request = self.request(Method::GET, &format!("/token?scope={scope}"));
        let answer = request.basic_auth("ann", Some(PASSWORD)).send().expect("an answer");
        let answer: Value = answer.json().expect("JSON");
        format!("Bearer {}", answer["token"].as_str().expect("a token"))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An entry in a few words.
pub(crate) fn words(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    format!("{} {} {} {}", text("username"), text("operation"), text("resource_type"), text("resource"))
}
