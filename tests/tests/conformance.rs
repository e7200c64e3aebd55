//! The official OCI conformance suite, against a running registry in both modes.
//!
//! Reports for people stay in `target/conformance/<mode>/`. See `conformance_dev` for what the newer suite checks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use berth_tests::{Berth, Mode, Run, Tool, in_all_modes, repository_root};

in_all_modes!(official_suite);

/// All 68 tests of the suite but those in `skipped.txt`.
const MIN_RUN_TESTS: usize = 64;
const SUITE_NAME: &str = "OCI Distribution Conformance Tests ";

fn official_suite(mode: Mode) {
    let Some(suite) = Tool::find("oci-conformance") else { return };
    let berth = Berth::start(mode);
    let reports = repository_root().join("target/conformance").join(mode.to_string());
    fs::create_dir_all(&reports).expect("the target folder is writable");
    let report = reports.join("junit.xml");
    // A report of an earlier run must not speak for this one.
    let _ = fs::remove_file(&report);
    let finished = run_suite(&suite, &berth, &reports);

    let text = fs::read_to_string(&report).unwrap_or_else(|error| panic!("no report, {error}:\n{finished}"));
    let tests = read_report(&text);
    let failed: Vec<_> = names(&tests, Outcome::Failed).collect();
    assert!(failed.is_empty(), "failed: {failed:#?}\n{finished}");
    let allowed = allowed_skips();
    let skipped: Vec<_> = names(&tests, Outcome::Skipped).filter(|name| !allowed.contains(name)).collect();
    assert!(skipped.is_empty(), "skipped without a reason in tests/conformance/skipped.txt: {skipped:#?}");
    let passed = names(&tests, Outcome::Passed).count();
    assert!(passed >= MIN_RUN_TESTS, "only {passed} tests ran\n{finished}");
}

/// Runs it with every category on; gives its output.
fn run_suite(suite: &Tool, berth: &Berth, reports: &Path) -> String {
    let switches = ["PULL", "PUSH", "CONTENT_DISCOVERY", "CONTENT_MANAGEMENT"];
    let run =
        switches.iter().fold(Run::new(suite, berth), |run, name| run.env(&format!("OCI_TEST_{name}"), "1"));
    let finished = run
        .env("OCI_ROOT_URL", berth.url(""))
        .env("OCI_NAMESPACE", "conformance/first")
        .env("OCI_CROSSMOUNT_NAMESPACE", "conformance/second")
        .env("OCI_AUTOMATIC_CROSSMOUNT", "0")
        .env("OCI_HIDE_SKIPPED_WORKFLOWS", "0")
        .env("ACK_GINKGO_DEPRECATIONS", "1.16.5")
        .arg("-ginkgo.noColor")
        // This is where the reports go.
        .in_folder(reports)
        .finish();
    finished.to_string()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Skipped,
    Failed,
}

/// The outcome of each test, by its name without the suite's.
fn read_report(text: &str) -> BTreeMap<String, Outcome> {
    let document = roxmltree::Document::parse(text).expect("the report is XML");
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    cases
        .map(|case| {
            let name = case.attribute("name").unwrap_or_default();
            let has = |tag: &str| case.children().any(|child| child.has_tag_name(tag));
            let outcome = match (has("failure") || has("error"), has("skipped")) {
                (true, _) => Outcome::Failed,
                (false, true) => Outcome::Skipped,
                (false, false) => Outcome::Passed,
            };
            (name.strip_prefix(SUITE_NAME).unwrap_or(name).to_owned(), outcome)
        })
        .collect()
}

fn names(tests: &BTreeMap<String, Outcome>, wanted: Outcome) -> impl Iterator<Item = &str> {
    tests.iter().filter(move |(_, outcome)| **outcome == wanted).map(|(name, _)| name.as_str())
}

fn allowed_skips() -> Vec<&'static str> {
    let lines = include_str!("../conformance/skipped.txt").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(": "))
        .map(|(name, _)| name)
        .collect()
}
