//! Every attack in docs/attacks.md names tests, and those that it names exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/attacks.md");

/// The rows of all tables: attack, what holds, tests.
fn rows() -> Vec<[String; 3]> {
    let text = fs::read_to_string(DOCUMENT).expect("docs/attacks.md");
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| attack "));
    rows.map(|line| {
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        cells.try_into().unwrap_or_else(|cells| panic!("three cells: {cells:?}"))
    })
    .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The names of tests, of clauses of contracts, which tests run, and of the edge's vectors, below a folder.
fn names(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            names(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => {
                let are_all = path.components().any(|part| part.as_os_str() == "contract");
                found.extend(tests_in(&text, are_all));
            }
            Some("json") => {
                let after = text.split(r#"{"name": ""#).skip(1).filter_map(|rest| rest.split_once('"'));
                found.extend(after.map(|(name, _)| name.to_owned()));
            }
            _ => {}
        }
    }
}

/// The functions that are marked as tests, or all of them.
fn tests_in(text: &str, are_all: bool) -> Vec<String> {
    let mut is_test = are_all;
    let mut found = Vec::new();
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some((_, rest)) = line.split_once("fn ")
            && let Some((name, _)) = rest.split_once('(')
        {
            found.extend(is_test.then(|| name.to_owned()));
            is_test = are_all;
        }
    }
    found
}

#[test]
fn attacks_each_has_a_test_that_there_is() {
    let mut known = BTreeSet::new();
    for folder in ["shared", "functions", "tests", "localstack/tests", "infra/edge/vectors"] {
        names(&Path::new(ROOT).join(folder), &mut known);
    }
    let rows = rows();
    assert!(rows.len() >= 30, "the attacks are read from the document: {}", rows.len());
    for [attack, _, tests] in rows {
        let tests = quoted(&tests);
        assert!(!tests.is_empty(), "{attack}: no test");
        for test in tests {
            assert!(known.contains(test), "{attack}: there is no test {test}");
        }
    }
}

#[test]
fn attacks_none_is_told_twice_and_none_without_what_holds() {
    let mut told = BTreeSet::new();
    for [attack, holds, _] in rows() {
        assert!(!holds.is_empty(), "{attack}: what holds?");
        assert!(told.insert(attack.clone()), "{attack} is there twice");
    }
}
