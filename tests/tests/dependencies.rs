//! The direction of dependencies: the table of ARCHITECTURE.md, held against `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What each package may depend on, development dependencies aside.
const ALLOWED: [(&str, &[&str]); 24] = [
    ("berth-protocol", &[]),
    ("berth-registry", &["berth-protocol"]),
    ("berth-http", &["berth-protocol", "berth-registry"]),
    ("berth-records", &["berth-registry"]),
    ("berth-projects", &["berth-protocol", "berth-registry", "berth-records"]),
    (
        "berth-identity",
        &[
            "berth-protocol",
            "berth-registry",
            "berth-records",
            "berth-projects",
            "berth-outbound",
            "berth-federation",
        ],
    ),
    ("berth-audit", &["berth-protocol", "berth-registry", "berth-records"]),
    ("berth-configuration", &["berth-registry", "berth-records"]),
    (
        "berth-management",
        &[
            "berth-protocol",
            "berth-registry",
            "berth-records",
            "berth-projects",
            "berth-identity",
            "berth-oidc",
            "berth-audit",
            "berth-configuration",
            "berth-ldap",
            "berth-http",
        ],
    ),
    ("berth-outbound", &[]),
    ("berth-federation", &["berth-registry", "berth-outbound"]),
    ("berth-ldap", &["berth-registry", "berth-identity", "berth-configuration"]),
    (
        "berth-oidc",
        &["berth-registry", "berth-identity", "berth-configuration", "berth-outbound", "berth-federation"],
    ),
    ("berth-store", &["berth-protocol", "berth-registry", "berth-records"]),
    ("berth-testkit", &["berth-protocol", "berth-registry", "berth-records"]),
    ("berth-server", &["berth-protocol", "berth-http"]),
    (
        "berth-function-registry",
        &[
            "berth-protocol",
            "berth-registry",
            "berth-records",
            "berth-projects",
            "berth-identity",
            "berth-outbound",
            "berth-oidc",
            "berth-audit",
            "berth-configuration",
            "berth-ldap",
            "berth-http",
            "berth-store",
        ],
    ),
    (
        "berth-function-management",
        &["berth-protocol", "berth-registry", "berth-management", "berth-http", "berth-function-registry"],
    ),
    (
        "berth-function-promote",
        &["berth-protocol", "berth-registry", "berth-store", "berth-function-registry"],
    ),
    ("berth-function-audit", &["berth-registry", "berth-audit", "berth-function-registry"]),
    ("berth-function-gateway", &["berth-http", "berth-server", "berth-function-registry"]),
    ("berth-cli", &["berth-protocol", "berth-federation"]),
    (
        "berth-local",
        &[
            "berth-protocol",
            "berth-registry",
            "berth-identity",
            "berth-configuration",
            "berth-ldap",
            "berth-oidc",
            "berth-outbound",
            "berth-audit",
            "berth-management",
            "berth-http",
            "berth-server",
            "berth-store",
            "berth-function-management",
            "berth-function-registry",
            "berth-cli",
        ],
    ),
    (
        "berth-tests",
        &[
            "berth-protocol",
            "berth-registry",
            "berth-projects",
            "berth-identity",
            "berth-federation",
            "berth-audit",
            "berth-configuration",
            "berth-ldap",
            "berth-http",
            "berth-store",
            "berth-function-registry",
            "berth-local",
            "berth-testkit",
        ],
    ),
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

/// Package name to its direct dependencies of normal and build kind.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages").iter();
    packages
        .map(|package| {
            let of = package["dependencies"].as_array().expect("dependencies").iter();
            let direct = of.filter(|dependency| text(&dependency["kind"]) != "dev");
            (text(&package["name"]), direct.map(|dependency| text(&dependency["name"])).collect())
        })
        .collect()
}

#[test]
fn structure_packages_depend_only_in_the_allowed_direction() {
    let allowed: BTreeMap<_, _> = ALLOWED.into_iter().collect();
    let found = dependencies();
    assert_eq!(found.len(), allowed.len(), "a new package needs a line here and in ARCHITECTURE.md");
    for (package, direct) in found {
        let allowed =
            allowed.get(package.as_str()).unwrap_or_else(|| panic!("{package} is not in the table"));
        let ours = direct.iter().filter(|name| name.starts_with("berth-"));
        for name in ours {
            assert!(allowed.contains(&name.as_str()), "{package} must not depend on {name}");
        }
    }
}

#[test]
fn structure_only_the_store_and_the_wiring_name_aws() {
    for (package, direct) in dependencies() {
        let names_aws = direct.iter().any(|name| name.starts_with("aws-sdk-"));
        let is_wiring = package.starts_with("berth-function-");
        let may = is_wiring || ["berth-store", "berth-local", "berth-tests"].contains(&package.as_str());
        assert!(may || !names_aws, "{package} must not depend on an AWS SDK");
    }
}

#[test]
fn structure_the_core_knows_no_http_server_and_no_runtime_service() {
    let found = dependencies();
    for package in ["berth-protocol", "berth-registry"] {
        for forbidden in ["hyper", "axum", "tower", "lambda_http", "reqwest", "rusqlite", "getrandom"] {
            assert!(!found[package].contains(forbidden), "{package} must not depend on {forbidden}");
        }
    }
}

#[test]
fn structure_the_architecture_document_lists_every_package() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let document = std::fs::read_to_string(format!("{root}/ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let metadata = metadata();
    for package in metadata["packages"].as_array().expect("packages") {
        let manifest = package["manifest_path"].as_str().expect("a path");
        let folder = manifest.trim_end_matches("/Cargo.toml").rsplit('/').take(2).collect::<Vec<_>>();
        let nested = format!("`{}/{}`", folder[1], folder[0]);
        let flat = format!("`{}`", folder[0]);
        assert!(
            document.contains(&nested) || document.contains(&flat),
            "{manifest} has no line in ARCHITECTURE.md"
        );
    }
}
