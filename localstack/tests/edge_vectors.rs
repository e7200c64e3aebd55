//! The edge functions against `infra/edge/vectors`, in QuickJS and under Node, and against the limits of their runtime.

use berth_local::edge::{EdgeFunction, SOURCES};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    function: String,
    now_ms: u64,
    key_values: std::collections::BTreeMap<String, String>,
    request: Value,
    response: Option<Value>,
    expect: Map<String, Value>,
}

impl Vector {
    fn event(&self) -> Value {
        let mut event = json!({
            "version": "1.0",
            "context": {"eventType": self.function},
            "viewer": {"ip": "127.0.0.1"},
            "request": self.request,
        });
        if let Some(response) = &self.response {
            event["response"] = response.clone();
        }
        event
    }

    fn source(&self) -> &'static str {
        match self.function.as_str() {
            "viewer-request" => SOURCES.viewer_request,
            "viewer-response" => SOURCES.viewer_response,
            other => panic!("{}: no function {other}", self.name),
        }
    }

    /// The expected result, with "unchanged" replaced by what went in.
    fn expected(&self) -> Map<String, Value> {
        let mut expected = self.expect.clone();
        for (side, input) in [("request", Some(&self.request)), ("response", self.response.as_ref())] {
            if expected.get(side).is_some_and(|value| value == "unchanged") {
                expected.insert(side.to_owned(), input.expect("the vector has this side").clone());
            }
        }
        expected
    }

    fn run(&self) -> Map<String, Value> {
        let function = EdgeFunction::load(self.source(), Arc::new(self.key_values.clone())).expect("loads");
        let outcome = function.call(&self.event().to_string(), self.now_ms).expect("answers");
        let side = if outcome.result.get("statusCode").is_some() { "response" } else { "request" };
        let mut result = Map::new();
        result.insert("origin".to_owned(), outcome.origin.into());
        result.insert(side.to_owned(), outcome.result);
        result
    }
}

#[test]
fn every_vector_holds_in_quickjs() {
    let vectors = vectors();
    assert!(vectors.len() >= 40, "only {} vectors", vectors.len());
    let names: BTreeSet<_> = vectors.iter().map(|(file, vector)| (file, &vector.name)).collect();
    assert_eq!(names.len(), vectors.len(), "two vectors share a name");
    for (file, vector) in &vectors {
        assert_eq!(vector.run(), vector.expected(), "{file}: {}", vector.name);
    }
}

#[test]
fn every_vector_holds_under_node() {
    let script = edge_folder().join("run-vectors.mjs");
    let output = match Command::new("node").arg(&script).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("NOT RUN: node is not installed, so the vectors ran in QuickJS only");
            return;
        }
        output => output.expect("node starts"),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.starts_with(&format!("{} vectors", vectors().len())), "node ran others: {text}");
}

/// The runtime refuses larger functions and most syntax after ES 5.1; QuickJS and Node take both.
#[test]
fn the_functions_stay_within_runtime_2() {
    const FOREIGN: &[&str] = &[
        "?.",
        "??",
        "...",
        " of ",
        "class ",
        "export ",
        "async (",
        "function*",
        "yield",
        "eval(",
        "new Function",
        "setTimeout",
        "fetch(",
        "process.",
        "console.",
        "||=",
        "&&=",
        "(?<",
        ".at(",
        ".flat(",
        "fromEntries",
    ];
    for source in [SOURCES.viewer_request, SOURCES.viewer_response] {
        // The engine has checked the size, which counts without comments.
        assert!(source.is_ascii());
        let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let outside_texts: Vec<_> = line.split('\'').step_by(2).collect();
            let outside_texts = outside_texts.join("''");
            let found = FOREIGN.iter().find(|syntax| outside_texts.contains(**syntax));
            assert_eq!(found, None, "{line}");
        }
    }
}

fn vectors() -> Vec<(String, Vector)> {
    let files = fs::read_dir(edge_folder().join("vectors")).expect("the folder exists");
    let mut vectors = Vec::new();
    for path in files.map(|file| file.expect("readable").path()) {
        let text = fs::read_to_string(&path).expect("readable");
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let parsed: Vec<Vector> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        vectors.extend(parsed.into_iter().map(|vector| (name.clone(), vector)));
    }
    vectors
}

fn edge_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../infra/edge")
}
