//! An issuer of tokens on loopback.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::server::{Reply, Server};

/// An issuer whose documents a test can change while it runs.
pub(crate) struct Issuer {
    pub(crate) server: Server,
    pub(crate) url: String,
    documents: Arc<Mutex<Documents>>,
}

struct Documents {
    description: Reply,
    keys: Reply,
}

impl Issuer {
    /// An issuer that describes itself as it should and has these keys.
    pub(crate) async fn start(keys: &[Value]) -> Self {
        let documents = Documents { description: Reply::status(404), keys: key_set(keys) };
        let documents = Arc::new(Mutex::new(documents));
        let shown = Arc::clone(&documents);
        let server = Server::start(move |request| {
            let documents = shown.lock().unwrap_or_else(PoisonError::into_inner);
            match request.target() {
                "/.well-known/openid-configuration" => documents.description.clone(),
                "/keys" => documents.keys.clone(),
                _ => Reply::status(404),
            }
        })
        .await;
        let url = format!("http://127.0.0.1:{}", server.port);
        let issuer = Self { server, url, documents };
        issuer.describe(&issuer.url, &format!("{}/keys", issuer.url));
        issuer
    }

    /// Describes itself with this name and this place of the keys.
    pub(crate) fn describe(&self, issuer: &str, keys: &str) {
        self.answer_description(Reply::ok(json!({"issuer": issuer, "jwks_uri": keys}).to_string()));
    }

    pub(crate) fn answer_description(&self, reply: Reply) {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner).description = reply;
    }

    pub(crate) fn answer_keys(&self, reply: Reply) {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner).keys = reply;
    }

    /// How often the keys were asked for.
    pub(crate) fn key_requests(&self) -> usize {
        self.server.received().iter().filter(|request| request.target() == "/keys").count()
    }
}

pub(crate) fn key_set(keys: &[Value]) -> Reply {
    Reply::ok(json!({ "keys": keys }).to_string())
}
