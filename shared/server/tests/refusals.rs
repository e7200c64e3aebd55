//! What becomes of a connection whose request was answered before it was read.

use berth_http::{Body, whole_body};
use berth_server::{Handler, serve};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const MUCH_BYTES: usize = 20 << 20;

/// Refuses without reading, but for `/read`.
#[derive(Clone)]
struct Refuses;

impl Handler for Refuses {
    fn answer(&self, request: Request<Body>) -> impl Future<Output = Response<Body>> + Send + 'static {
        refuse(request)
    }
}

async fn refuse(request: Request<Body>) -> Response<Body> {
    let mut response = Response::new(whole_body("told"));
    if request.uri().path() == "/read" {
        request.into_body().collect().await.expect("a body");
    } else {
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    }
    response
}

async fn connected() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(serve(listener, Refuses, false, std::future::pending()));
    TcpStream::connect(address).await.expect("the server")
}

fn head(path: &str, length: usize) -> String {
    format!("PUT {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n")
}

/// The next answer, which is four bytes long.
async fn answer(connection: &mut TcpStream) -> String {
    let mut told = Vec::new();
    while !told.ends_with(b"told") {
        told.push(connection.read_u8().await.expect("an answer"));
    }
    String::from_utf8(told).expect("text").to_ascii_lowercase()
}

/// A client that sends all of it before it reads learns the reason too.
#[tokio::test]
async fn a_refusal_of_much_ends_the_connection_and_arrives() {
    for sends_first in [false, true] {
        let mut connection = connected().await;
        connection.write_all(head("/", MUCH_BYTES).as_bytes()).await.expect("it reads");
        if sends_first {
            connection.write_all(&vec![0; MUCH_BYTES]).await.expect("it reads");
        }
        let told = answer(&mut connection).await;
        assert!(told.starts_with("http/1.1 413") && told.contains("connection: close"), "{told}");
        if sends_first {
            assert_eq!(connection.read(&mut [0; 1]).await.expect("it ends"), 0);
        }
    }
}

#[tokio::test]
async fn a_refusal_of_a_body_of_unknown_length_ends_the_connection() {
    let mut connection = connected().await;
    let head = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n";
    connection.write_all(head.as_bytes()).await.expect("it reads");
    let told = answer(&mut connection).await;
    assert!(told.contains("connection: close"), "{told}");
}

#[tokio::test]
async fn other_connections_stay() {
    let mut connection = connected().await;
    for (path, length) in [("/", 1000), ("/read", MUCH_BYTES), ("/", 0), ("/", 1000)] {
        connection.write_all(head(path, length).as_bytes()).await.expect("it reads");
        connection.write_all(&vec![0; length]).await.expect("it reads");
        let told = answer(&mut connection).await;
        assert!(!told.contains("connection: close"), "{path} {length}: {told}");
    }
}
