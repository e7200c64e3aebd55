//! A registry that does as the test says, for what a real one does rarely.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it arrived; header names in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What is answered.
pub(crate) struct Reply {
    status: u16,
    headers: Vec<String>,
    body: String,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    pub(crate) fn header(mut self, line: impl Into<String>) -> Self {
        self.headers.push(line.into());
        self
    }

    pub(crate) fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }
}

/// Says what to answer; `None` leaves it to a plain registry that takes everything.
type Rule = dyn Fn(&Seen, usize) -> Option<Reply> + Send + Sync;

/// A registry on a free loopback port that lives as long as the test program.
pub(crate) struct Stub {
    pub(crate) host: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Stub {
    /// `rule` is told how many requests came before.
    pub(crate) fn start(rule: impl Fn(&Seen, usize) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let host = listener.local_addr().expect("a listener has an address").to_string();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (rule, recorded): (Arc<Rule>, _) = (Arc::new(rule), Arc::clone(&seen));
        let blobs: Arc<Mutex<HashSet<String>>> = Arc::default();
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (rule, recorded, blobs) = (Arc::clone(&rule), Arc::clone(&recorded), Arc::clone(&blobs));
                thread::spawn(move || {
                    let Some(request) = read(&socket) else { return };
                    let before = {
                        let mut recorded = recorded.lock().expect("no panic");
                        recorded.push(request.clone());
                        recorded.len() - 1
                    };
                    let reply = rule(&request, before);
                    write(
                        socket,
                        &reply.unwrap_or_else(|| plain(&request, &mut blobs.lock().expect("no panic"))),
                    );
                });
            }
        });
        Self { host, seen }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic").clone()
    }

    pub(crate) fn count(&self, method: &str, part: &str) -> usize {
        self.seen().iter().filter(|seen| seen.method == method && seen.path.contains(part)).count()
    }
}

fn plain(request: &Seen, blobs: &mut HashSet<String>) -> Reply {
    let last = request.path.rsplit('/').next().unwrap_or_default();
    match request.method.as_str() {
        "HEAD" if blobs.contains(last) => Reply::new(200),
        "HEAD" => Reply::new(404),
        "POST" => Reply::new(202).header("Location: /v2/a/blobs/uploads/1?state=x"),
        "PUT" => {
            blobs.extend(request.path.split_once("digest=").map(|(_, digest)| digest.to_owned()));
            Reply::new(201)
        }
        _ => Reply::new(200),
    }
}

fn read(socket: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(socket);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut seen = Seen { method, path, headers, body: Vec::new() };
    let length = seen.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_end(&mut seen.body).ok()?;
    (seen.body.len() as u64 == length).then_some(seen)
}

/// Status 0 hangs up without an answer.
fn write(mut socket: TcpStream, reply: &Reply) {
    if reply.status == 0 {
        return;
    }
    let headers: String = reply.headers.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect();
    let (status, body) = (reply.status, &reply.body);
    let head = format!(
        "HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    // A client that does not wait for the answer is the test's business.
    let _ = socket.write_all(format!("{head}{body}").as_bytes());
}
