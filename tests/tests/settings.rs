//! Everything that can be set, held against docs/settings.md, and the template against what the functions read.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use berth_function_registry::{RETENTION_DAYS, VARIABLES};
use berth_tests::{compare_with_document, repository_root};

const DOCUMENT: &str = "docs/settings.md";

fn source(path: &str) -> String {
    fs::read_to_string(repository_root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An option of a program that has an environment variable too.
#[derive(Debug)]
struct Flag {
    name: String,
    variable: String,
    default: String,
    meaning: String,
}

/// The options in a source: clap's attribute, the comment before it and the field after it.
fn flags(path: &str) -> Vec<Flag> {
    let text = source(path);
    let mut flags = Vec::new();
    for (start, _) in text.match_indices("#[arg(") {
        let (attribute, rest) = text[start..].split_once(")]").expect("an attribute ends");
        let Some(variable) = quoted_after(attribute, "env = \"") else { continue };
        let comment: Vec<&str> = text[..start]
            .lines()
            .rev()
            .skip_while(|line| line.trim().is_empty())
            .map_while(|line| line.trim().strip_prefix("/// "))
            .collect();
        let meaning: Vec<&str> = comment.into_iter().rev().collect();
        let field = rest.trim_start().trim_start_matches("pub(crate) ").split(':').next().unwrap_or_default();
        let default = quoted_after(attribute, "default_value = \"").map(|text| format!("`{text}`"));
        let computed = attribute.split_once("default_value_t = ").map(|(_, rest)| value(rest));
        flags.push(Flag {
            name: format!("--{}", field.trim().replace('_', "-")),
            variable,
            default: default.or(computed).unwrap_or_else(|| "–".to_owned()),
            meaning: meaning.join(" "),
        });
    }
    assert!(!flags.is_empty(), "{path} has no options");
    flags
}

fn quoted_after(text: &str, mark: &str) -> Option<String> {
    Some(text.split_once(mark)?.1.split_once('"')?.0.to_owned())
}

/// A value as a person would type it.
fn value(code: &str) -> String {
    let code = code.trim().trim_end_matches(',');
    let word = code.rsplit("::").next().unwrap_or(code).trim_end_matches(')').to_lowercase();
    format!("`{}`", if word == "localhost" { "127.0.0.1".to_owned() } else { word })
}

fn table(flags: &[Flag]) -> String {
    let mut table = "| option | variable | default | meaning |\n|---|---|---|---|\n".to_owned();
    for Flag { name, variable, default, meaning } in flags {
        writeln!(table, "| `{name}` | `{variable}` | {default} | {meaning} |").expect("a string grows");
    }
    table
}

/// A parameter of the template with its default and its description.
fn parameters() -> Vec<(String, String, String)> {
    let text = source("template.yaml");
    let section =
        text.split_once("\nParameters:\n").expect("parameters").1.split_once("\nRules:\n").expect("rules").0;
    let mut found: Vec<(String, String, String)> = Vec::new();
    let mut is_description = false;
    for line in section.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        if indent == 2 {
            found.push((line.trim_end_matches(':').to_owned(), String::new(), String::new()));
            continue;
        }
        let (_, default, description) = found.last_mut().expect("a parameter");
        if indent == 4 {
            let (key, value) = line.split_once(':').expect("a key");
            is_description = key == "Description";
            match key {
                "Default" => value.trim().trim_matches('\'').clone_into(default),
                "Description" => value.trim().trim_start_matches(">-").clone_into(description),
                _ => {}
            }
        } else if is_description {
            let space = if description.is_empty() { "" } else { " " };
            write!(description, "{space}{line}").expect("a string grows");
        }
    }
    found
}

#[test]
fn settings_are_those_of_the_document() {
    compare_with_document(DOCUMENT, "items", &berth_configuration::document());
    let mut variables = "| variable | meaning |\n|---|---|\n".to_owned();
    for (name, meaning) in VARIABLES {
        writeln!(variables, "| `{name}` | {meaning} |").expect("a string grows");
    }
    compare_with_document(DOCUMENT, "functions", &variables);
    compare_with_document(DOCUMENT, "berth", &table(&flags("localstack/src/cli.rs")));
    compare_with_document(DOCUMENT, "gateway", &table(&flags("functions/gateway/src/main.rs")));
    compare_with_document(DOCUMENT, "admin", &table(&flags("cli/src/admin/mod.rs")));
    let mut template = "| parameter | default | meaning |\n|---|---|---|\n".to_owned();
    for (name, default, meaning) in parameters() {
        let default = if default.is_empty() { "empty".to_owned() } else { format!("`{default}`") };
        writeln!(template, "| `{name}` | {default} | {meaning} |").expect("a string grows");
    }
    compare_with_document(DOCUMENT, "parameters", &template);
}

/// Names of variables in a text.
fn variables_in(text: &str) -> BTreeSet<String> {
    let of = |(start, _): (usize, &str)| {
        let name: String =
            text[start..].chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
        name
    };
    text.match_indices("BERTH_").map(of).filter(|name| name != "BERTH_").collect()
}

/// No program reads a variable that the document leaves out.
#[test]
fn settings_have_every_variable_that_a_program_reads() {
    let document = variables_in(&source(DOCUMENT));
    let known: BTreeSet<String> =
        berth_configuration::items().filter_map(berth_configuration::Item::variable).collect();
    assert!(known.is_subset(&document));
    for path in [
        "localstack/src/cli.rs",
        "functions/gateway/src/main.rs",
        "functions/promote/src/main.rs",
        "functions/registry/src/config.rs",
        "cli/src/connection.rs",
        "cli/src/admin/mod.rs",
        "template.yaml",
        "infra/gateway-fargate.yaml",
        "infra/gateway-web-function.yaml",
    ] {
        let missing: Vec<String> = variables_in(&source(path)).difference(&document).cloned().collect();
        assert!(missing.is_empty(), "{path} reads {missing:?}, which {DOCUMENT} does not have");
    }
}

/// The variables that the template gives a function.
fn given(function: &str) -> BTreeSet<String> {
    let text = source("template.yaml");
    let resource = text.split_once(&format!("\n  {function}:\n")).expect("the function").1;
    let end = resource
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("   ") || line.starts_with("  #"));
    let names = end.filter_map(|line| line.trim().split_once(':').map(|(name, _)| name.to_owned()));
    names.filter(|name| name.starts_with("BERTH_")).collect()
}

#[test]
fn settings_of_the_template_are_what_functions_read() {
    let every: BTreeSet<String> = VARIABLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let without = |names: &[&str]| -> BTreeSet<String> {
        every.iter().filter(|name| !names.contains(&name.as_str())).cloned().collect()
    };
    // It writes lines, and keeps none.
    assert_eq!(given("RegistryFunction"), without(&[RETENTION_DAYS]));
    // It delivers no blobs and begins no uploads.
    assert_eq!(given("ManagementFunction"), without(&["BERTH_BLOB_DELIVERY", "BERTH_GATEWAY"]));
    assert_eq!(given("PromoteFunction"), BTreeSet::from(["BERTH_BUCKET", "BERTH_TABLE"].map(str::to_owned)));
    assert_eq!(given("AuditFunction"), BTreeSet::from(["BERTH_TABLE", RETENTION_DAYS].map(str::to_owned)));
}
