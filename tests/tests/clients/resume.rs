//! An upload whose connection breaks is taken up where the registry says that it stands.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use berth_tests::{Berth, Mode, SeededBytes, in_all_modes, sha256_digest};
use reqwest::StatusCode;
use reqwest::blocking::Response;
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, LOCATION, RANGE};

in_all_modes!(broken_in_the_body, answer_lost, chunk_sent_twice);

const BLOB_BYTES: usize = 3_000_000;

/// [upload-resume] The connection breaks in the middle of the only PATCH.
fn broken_in_the_body(mode: Mode) {
    let blob = blob(mode, "broken in the body");
    let mut upload = Upload::start(Berth::shared(mode));
    upload.send_broken(&blob, blob.len() / 2);
    upload.finish(&blob);
}

/// The first half arrives and the connection breaks before its answer is read.
fn answer_lost(mode: Mode) {
    let blob = blob(mode, "answer lost");
    let half = blob.len() / 2;
    let mut upload = Upload::start(Berth::shared(mode));
    upload.patch(&blob, 0, half);
    assert_eq!(upload.received(), half, "what was answered with 202 is kept");
    upload.finish(&blob);
}

/// A client that did not see the answer sends the same chunk again, and is told where the upload stands.
fn chunk_sent_twice(mode: Mode) {
    let blob = blob(mode, "chunk sent twice");
    let half = blob.len() / 2;
    let mut upload = Upload::start(Berth::shared(mode));
    upload.patch(&blob, 0, half);
    let again = upload.send_chunk(&blob, 0, half);
    assert_eq!(again.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(upload.received(), half);
    upload.finish(&blob);
}

fn blob(mode: Mode, name: &str) -> Vec<u8> {
    SeededBytes::take_vec(&format!("resume {mode} {name}"), BLOB_BYTES)
}

struct Upload<'a> {
    berth: &'a Berth,
    /// The newest that the registry gave, as the specification wants.
    location: String,
}

impl<'a> Upload<'a> {
    fn start(berth: &'a Berth) -> Self {
        let answer = berth.client().post(berth.url("/v2/resume/blobs/uploads/")).send();
        let answer = answer.expect("the registry answers");
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        Self { berth, location: location(berth, &answer) }
    }

    /// Announces the whole blob, sends `sent` bytes of it, and breaks the connection.
    fn send_broken(&self, blob: &[u8], sent: usize) {
        let target = self.location.strip_prefix(&self.berth.url("")).expect("the upload is on the same host");
        let head = format!(
            "PATCH {target} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
            self.berth.host(),
            blob.len()
        );
        let mut connection = TcpStream::connect(self.berth.host()).expect("the registry listens");
        connection.write_all(head.as_bytes()).expect("the registry reads");
        connection.write_all(&blob[..sent]).expect("the registry reads");
        connection.shutdown(Shutdown::Write).expect("the connection is open");
        // Waits until the registry has noticed; what it answers to half a request is nobody's concern.
        let _ = connection.read_to_end(&mut Vec::new());
    }

    fn send_chunk(&self, blob: &[u8], first: usize, end: usize) -> Response {
        let request =
            self.berth.client().patch(&self.location).header(CONTENT_TYPE, "application/octet-stream");
        let range = format!("{first}-{}", end - 1);
        request
            .header(CONTENT_RANGE, range)
            .body(blob[first..end].to_vec())
            .send()
            .expect("the registry answers")
    }

    fn patch(&mut self, blob: &[u8], first: usize, end: usize) {
        let answer = self.send_chunk(blob, first, end);
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{}", self.berth.log_tail());
        self.location = location(self.berth, &answer);
    }

    /// How many bytes the registry says that it has.
    fn received(&mut self) -> usize {
        let answer = self.berth.client().get(&self.location).send().expect("the registry answers");
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        self.location = location(self.berth, &answer);
        let range = answer.headers().get(RANGE).and_then(|range| range.to_str().ok());
        match range.expect("the status of an upload has a range") {
            "0-0" => 0,
            range => {
                let last: usize =
                    range.strip_prefix("0-").and_then(|last| last.parse().ok()).expect("0-<last>");
                last + 1
            }
        }
    }

    /// Sends what is missing and checks what is stored in the end.
    fn finish(&mut self, blob: &[u8]) {
        let received = self.received();
        assert!(received <= blob.len(), "{received} bytes were never sent");
        self.patch(blob, received, blob.len());
        let digest = sha256_digest(blob);
        let client = self.berth.client();
        let answer =
            client.put(&self.location).query(&[("digest", &digest)]).send().expect("the registry answers");
        assert_eq!(answer.status(), StatusCode::CREATED, "{}", self.berth.log_tail());
        let stored = client.get(location(self.berth, &answer)).send().and_then(Response::bytes);
        assert!(stored.expect("the registry answers") == blob, "another blob was stored");
    }
}

/// The answer's location as an absolute URL.
fn location(berth: &Berth, answer: &Response) -> String {
    let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let location = location.expect("the answer has a location");
    if location.starts_with('/') { berth.url(location) } else { location.to_owned() }
}
