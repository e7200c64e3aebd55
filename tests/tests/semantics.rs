//! Every promise of docs/semantics.md has a test, and no test names a promise that does not exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What stands in square brackets in the text, where an id has lower case letters and at least one hyphen.
fn ids(text: &str) -> BTreeSet<String> {
    let is_id = |word: &str| {
        word.contains('-')
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && !word.starts_with('-')
            && !word.ends_with('-')
    };
    let words = text.split('[').skip(1).filter_map(|rest| rest.split_once(']').map(|(word, _)| word));
    words.filter(|word| is_id(word)).map(str::to_owned).collect()
}

/// The doc comments of all Rust files below a folder.
fn comments(folder: &Path) -> String {
    let mut found = String::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.push_str(&comments(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a file");
            let lines = text.lines().map(str::trim_start).filter(|line| line.starts_with("///"));
            found.extend(lines.map(|line| format!("{line}\n")));
        }
    }
    found
}

#[test]
fn semantics_every_promise_has_a_test_and_every_test_a_promise() {
    let document = fs::read_to_string(format!("{ROOT}/docs/semantics.md")).expect("docs/semantics.md");
    let promised = ids(&document.replace('`', ""));
    assert!(promised.len() >= 15, "the promises are read from the document: {promised:?}");
    let mut tests = comments(Path::new(&format!("{ROOT}/tests/tests")));
    tests.push_str(&comments(Path::new(&format!("{ROOT}/shared/testkit/src/contract"))));
    let tested = ids(&tests);
    let untested: Vec<_> = promised.difference(&tested).collect();
    assert!(untested.is_empty(), "promises without a test: {untested:?}");
    let unknown: Vec<_> = tested.difference(&promised).collect();
    assert!(unknown.is_empty(), "tests of promises that are not in docs/semantics.md: {unknown:?}");
}
