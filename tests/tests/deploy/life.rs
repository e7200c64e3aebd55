//! The life of a stack: an update in place changes nothing that was pushed, a deletion keeps it.

use berth_tests::{Mode, SeededBytes, sha256_digest};
use serde_json::Value;

use crate::push::Repository;
use crate::stack::{NAME, Stack, wait_for};

#[test]
fn an_update_and_a_deletion_of_the_stack_lose_nothing() {
    let stack = Stack::deploy(Mode::Deployed, &[]);
    let repository = Repository::new(&stack.berth, "life/app");
    let layers = ["one", "two"].map(|seed| SeededBytes::take_vec(seed, 300_000));
    for layer in &layers {
        repository.push_blob(layer);
    }
    let digest = repository.push_manifest("v1", &layers.each_ref().map(|layer| &layer[..]));
    let manifest = repository.pull_manifest("v1");
    let is_all_there = || {
        assert_eq!(repository.pull_manifest(&digest), manifest);
        assert_eq!(repository.pull_manifest("v1"), manifest);
        for layer in &layers {
            assert!(repository.pull_blob(&sha256_digest(layer)) == *layer);
        }
    };
    is_all_there();

    let function = stack.output("RegistryFunctionName");
    let settings = || stack.aws("lambda", &["get-function-configuration", "--function-name", function]);
    let before = settings()["Environment"].clone();
    stack.update(&[("RegistryMemorySize", "1024"), ("LogRetentionDays", "7")]);
    assert_eq!(settings()["MemorySize"], 1024, "the update has arrived");
    assert_eq!(settings()["Environment"], before, "keys and names stay");
    is_all_there();
    repository.push_blob(b"pushed after the update");
    repository.push_manifest("v2", &[b"pushed after the update"]);
    is_all_there();

    // What is there before the deletion is there after it, entry by entry.
    wait_for("the promotion of everything", || stack.objects("uploads/").is_empty().then_some(()));
    let kept = (stack.objects(""), entries(&stack));
    assert!(!kept.0.is_empty() && !kept.1.is_empty());
    stack.aws("cloudformation", &["delete-stack", "--stack-name", NAME]);
    stack.aws("cloudformation", &["wait", "stack-delete-complete", "--stack-name", NAME]);
    let functions = stack.aws("lambda", &["list-functions"]);
    assert_eq!(functions["Functions"], Value::Array(Vec::new()), "the functions are gone");
    assert_eq!((stack.objects(""), entries(&stack)), kept);
}

/// All items of the table, in an order that is always the same.
fn entries(stack: &Stack) -> Vec<String> {
    let scanned = stack.aws("dynamodb", &["scan", "--table-name", stack.output("TableName")]);
    let items = scanned["Items"].as_array().expect("a scan gives items");
    let mut items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.sort();
    items
}
