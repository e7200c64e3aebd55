//! Presigned URLs, through a listener as outside clients see it.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::{Client, presigning::PresigningConfig};
use berth_local::s3;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::support::{ACCESS_KEY, BUCKET, SECRET_KEY, Stack, client_of, noise, sha256};

struct Listener {
    /// Signs for the listener's address.
    client: Client,
    server: JoinHandle<()>,
}

impl Listener {
    async fn new(stack: &Stack) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = client_of(&stack.store, &format!("http://{}", listener.local_addr().unwrap()));
        let service = s3::service(stack.store.clone(), ACCESS_KEY, SECRET_KEY);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let service = service.clone();
                tokio::spawn(async move {
                    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
        Self { client, server }
    }

    async fn get_url(&self, signing: PresigningConfig) -> String {
        self.client.get_object().bucket(BUCKET).key("k").presigned(signing).await.unwrap().uri().to_owned()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn for_a_minute() -> PresigningConfig {
    PresigningConfig::expires_in(Duration::from_mins(1)).unwrap()
}

#[tokio::test]
async fn a_get_url_is_good_for_its_object_and_time_alone() {
    let stack = Stack::new().await;
    let content = noise(700_000);
    stack.put("k", content.clone()).await;
    stack.put("other", "secret").await;
    let listener = Listener::new(&stack).await;
    let url = listener.get_url(for_a_minute()).await;

    let got = reqwest::get(&url).await.unwrap();
    assert_eq!(got.status(), 200);
    assert_eq!(got.content_length(), Some(700_000));
    assert!(got.bytes().await.unwrap() == content);

    let expired =
        PresigningConfig::builder().start_time(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let expired = listener.get_url(expired.expires_in(Duration::from_mins(1)).build().unwrap()).await;
    for (name, bad) in [
        ("anonymous", url.split('?').next().unwrap().to_owned()),
        ("other key", url.replace("/k?", "/other?")),
        ("longer", url.replace("X-Amz-Expires=60", "X-Amz-Expires=61")),
        ("expired", expired),
        ("other access key", url.replace(ACCESS_KEY, "AKIDOTHER")),
    ] {
        assert_ne!(bad, url, "{name}");
        let status = reqwest::get(&bad).await.unwrap().status();
        assert!(status == 403 || status == 400, "{name}: {status}");
    }
    let delete = reqwest::Client::new().delete(&url).send().await.unwrap();
    assert_eq!(delete.status(), 403);
    assert!(stack.exists("k").await);
}

#[tokio::test]
async fn a_range_of_a_get_url() {
    let stack = Stack::new().await;
    let content = noise(700_000);
    stack.put("k", content.clone()).await;
    let listener = Listener::new(&stack).await;
    let url = listener.get_url(for_a_minute()).await;
    let got = reqwest::Client::new().get(url).header("range", "bytes=100-399999").send().await.unwrap();
    assert_eq!(got.status(), 206);
    assert!(got.bytes().await.unwrap() == content[100..400_000]);
}

#[tokio::test]
async fn a_put_url_takes_exactly_the_signed_content() {
    let stack = Stack::new().await;
    let listener = Listener::new(&stack).await;
    let content = noise(100_000);
    let put = listener.client.put_object().bucket(BUCKET).key("k").checksum_sha256(sha256(&content));
    let signed = put.presigned(for_a_minute()).await.unwrap();
    let send = |body: Vec<u8>, checksum: Option<String>| {
        let mut request = reqwest::Client::new().put(signed.uri()).body(body);
        for (name, value) in signed.headers().filter(|(name, _)| !name.starts_with("x-amz-checksum")) {
            request = request.header(name, value);
        }
        checksum.into_iter().fold(request, |request, sum| request.header("x-amz-checksum-sha256", sum)).send()
    };
    let sum = Some(sha256(&content));
    assert_eq!(send(b"other".to_vec(), sum.clone()).await.unwrap().status(), 400);
    assert_eq!(send(content.clone(), None).await.unwrap().status(), 403);
    assert_eq!(send(b"other".to_vec(), Some(sha256(b"other"))).await.unwrap().status(), 403);
    assert!(!stack.exists("k").await);
    assert_eq!(send(content.clone(), sum).await.unwrap().status(), 200);
    assert!(stack.get("k").await == content);
    stack.until_data_files(1).await;
}

#[tokio::test]
async fn a_client_with_another_secret_is_refused() {
    let stack = Stack::new().await;
    let service = s3::service(stack.store.clone(), ACCESS_KEY, SECRET_KEY);
    let client =
        s3::client(s3::Connector::new(service), "http://s3.local", crate::support::credentials("other"));
    let head = client.get_object().bucket(BUCKET).key("k").send().await;
    assert_eq!(crate::support::refusal(head), crate::support::refused(403, "SignatureDoesNotMatch"));
}
