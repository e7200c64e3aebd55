//! A line to the registry that carries no more than so many bytes a second, and knows when tokens were asked for.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How often a second the line takes its share.
const TURNS: usize = 20;

/// Forwards connections on loopback, until the test program ends.
pub(crate) struct SlowLine {
    host: String,
    passed: Arc<Mutex<Passed>>,
}

/// What has gone up the line.
#[derive(Default)]
struct Passed {
    bytes: usize,
    /// How many bytes had passed at each request for a token.
    tokens_at: Vec<usize>,
}

impl SlowLine {
    /// A line to the registry at `host`. The one direction is slow, the other is not.
    pub(crate) fn to(host: &str, bytes_per_second: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let own = listener.local_addr().expect("a listener has an address").to_string();
        let passed = Arc::new(Mutex::new(Passed::default()));
        let (host, counted) = (host.to_owned(), Arc::clone(&passed));
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let Ok(registry) = TcpStream::connect(&host) else { return };
                let back = (registry.try_clone(), connection.try_clone());
                let counted = Arc::clone(&counted);
                thread::spawn(move || up(connection, registry, bytes_per_second / TURNS, &counted));
                if let (Ok(from), Ok(to)) = back {
                    thread::spawn(move || down(from, to));
                }
            }
        });
        Self { host: own, passed }
    }

    /// Host and port, as image references begin.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// How many bytes had gone up the line when a token was asked for, each time.
    pub(crate) fn tokens_at(&self) -> Vec<usize> {
        self.passed.lock().expect("no thread of the line panicked").tokens_at.clone()
    }
}

fn up(mut from: TcpStream, mut to: TcpStream, share: usize, passed: &Mutex<Passed>) {
    let mut buffer = vec![0; share];
    let mut left = share;
    while let Ok(count @ 1..) = from.read(&mut buffer[..left]) {
        {
            let mut passed = passed.lock().expect("no thread of the line panicked");
            // Heads are small and arrive whole.
            if [&b"GET /token"[..], b"POST /token"].iter().any(|head| buffer[..count].starts_with(head)) {
                let bytes = passed.bytes;
                passed.tokens_at.push(bytes);
            }
            passed.bytes += count;
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
        left -= count;
        if left == 0 {
            // The pace of the line, not a wait for something.
            thread::sleep(Duration::from_secs(1) / u32::try_from(TURNS).expect("few turns"));
            left = share;
        }
    }
    // Whoever is gone already needs no word of it.
    let _ = to.shutdown(Shutdown::Write);
}

fn down(mut from: TcpStream, mut to: TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
