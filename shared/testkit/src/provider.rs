//! An `OpenID` Connect provider on loopback that says whatever a test wants, also what no provider may say.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The name of its one key.
const KEY_ID: &str = "k1";
const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// A provider. Its description and its answers can be changed while it runs; it is gone when the runtime is.
#[derive(Debug)]
pub struct Provider {
    url: String,
    key: EcdsaKeyPair,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    description: Value,
    keys: Value,
    tokens: (u16, Value),
    userinfo: Value,
    asked: Vec<Asked>,
}

/// A request that it was sent.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Method and target.
    pub line: String,
    /// The headers, as they were sent.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Provider {
    /// Starts one that describes itself as it should.
    pub async fn start() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let description = json!({
            "issuer": url,
            "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"),
            "userinfo_endpoint": format!("{url}/userinfo"),
            "jwks_uri": format!("{url}/keys"),
            "end_session_endpoint": format!("{url}/end"),
        });
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": KEY_ID, "x": encode(x), "y": encode(y) });
        let state = State {
            description,
            keys: json!({ "keys": [jwk] }),
            tokens: (400, json!({ "error": "invalid_grant" })),
            userinfo: json!({}),
            asked: Vec::new(),
        };
        let state = Arc::new(Mutex::new(state));
        tokio::spawn(serve(listener, Arc::clone(&state)));
        Self { url, key, state }
    }

    /// Its name.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Says this about itself.
    pub fn describe(&self, name: &str, value: Value) {
        lock(&self.state).description[name] = value;
    }

    /// Gives this ID token for the next codes.
    pub fn give(&self, id_token: &str) {
        let tokens = json!({ "id_token": id_token, "access_token": "at", "token_type": "Bearer" });
        lock(&self.state).tokens = (200, tokens);
    }

    /// Gives no tokens.
    pub fn refuse(&self, status: u16, body: Value) {
        lock(&self.state).tokens = (status, body);
    }

    /// Says this about whoever has signed in.
    pub fn say(&self, userinfo: Value) {
        lock(&self.state).userinfo = userinfo;
    }

    /// A token with these claims, signed as it should be.
    pub fn signed(&self, claims: &Value) -> String {
        self.token(&json!({ "alg": "ES256", "kid": KEY_ID }), claims)
    }

    /// A token with any header, signed with the key of this provider.
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        Self::token_with(header, claims, |message| {
            self.key.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec()
        })
    }

    /// A token with any signature.
    pub fn token_with(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
        let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = sign(message.as_bytes());
        format!("{message}.{}", encode(signature))
    }

    /// The public half of its key: what an attack takes for a secret.
    pub fn public_bytes(&self) -> Vec<u8> {
        self.key.public_key().as_ref().to_vec()
    }

    /// What it was asked at a path, in order.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        let state = lock(&self.state);
        let is_at = |asked: &&Asked| asked.line.split(' ').nth(1) == Some(path);
        state.asked.iter().filter(is_at).cloned().collect()
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(answer(connection, Arc::clone(&state)));
    }
}

/// One request for each connection.
async fn answer(mut connection: TcpStream, state: Arc<Mutex<State>>) {
    let Some(asked) = read(&mut connection).await else { return };
    let path = asked.line.split(' ').nth(1).unwrap_or_default().to_owned();
    let (status, body) = {
        let mut state = lock(&state);
        state.asked.push(asked);
        match path.as_str() {
            "/.well-known/openid-configuration" => (200, state.description.clone()),
            "/keys" => (200, state.keys.clone()),
            "/token" => state.tokens.clone(),
            "/userinfo" => (200, state.userinfo.clone()),
            _ => (404, json!({})),
        }
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = connection.write_all(format!("{head}{body}").as_bytes()).await;
}

async fn read(connection: &mut TcpStream) -> Option<Asked> {
    let mut received = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&received);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                let (line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
                let (line, head) = (line.to_owned(), headers.to_owned());
                return Some(Asked { line, head, body: body.to_owned() });
            }
        }
        let mut chunk = [0; 4096];
        let count = connection.read(&mut chunk).await.ok()?;
        if count == 0 || received.len() > MAX_REQUEST_BYTES {
            return None;
        }
        received.extend_from_slice(&chunk[..count]);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
