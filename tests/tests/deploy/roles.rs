//! The functions' roles allow what is needed and no more: each action that is taken away breaks something.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use berth_tests::{Mode, SeededBytes, sha256_digest};
use reqwest::Method;
use serde_json::{Value, json};

use crate::events::promotions;
use crate::management::{ask, make};
use crate::promotion::NOTHING_FAILED_BYTES;
use crate::push::{Repository, location, send};
use crate::stack::{Stack, wait_for};

/// A right of a role: an action, and what the resource begins with behind the bucket's name, or nothing for all.
type Right = (&'static str, &'static str);
/// Does something with all rights, has the right taken away, and says whether the rest works.
type Scenario = fn(&Stack, &Repository<'_>, &dyn Fn()) -> bool;

const REGISTRY: &str = "RegistryRole";
const PROMOTE: &str = "PromoteRole";
const MANAGEMENT: &str = "ManagementRole";
const AUDIT: &str = "AuditRole";

/// The stack whose roles change; one test at a time.
fn stack() -> (&'static Stack, MutexGuard<'static, ()>) {
    static STACK: OnceLock<Stack> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    (STACK.get_or_init(|| Stack::deploy(Mode::Deployed, &[])), turn)
}

/// The same with users.
fn guarded() -> (&'static Stack, MutexGuard<'static, ()>) {
    static STACK: OnceLock<Stack> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    (STACK.get_or_init(|| Stack::deploy(Mode::Deployed, &["--users"])), turn)
}

#[test]
fn the_registry_needs_what_it_may_do() {
    registry_needs(&[
        (("dynamodb:Query", ""), tags_are_listed),
        (("s3:GetObject", "manifests/"), a_manifest_is_pulled),
        (("s3:ListBucket", ""), an_absent_blob_is_answered_404),
        (("s3:PutObject", "blobs/"), a_staged_blob_is_found),
    ]);
}

/// Aborting the copy of a blob is missing here: it takes a copy that fails half-way.
#[test]
#[ignore = "heavy: run by just test-full"]
fn the_registry_needs_all_that_it_may_do() {
    registry_needs(&[
        (("dynamodb:GetItem", ""), a_staged_blob_is_found),
        (("dynamodb:BatchGetItem", ""), a_manifest_is_pushed),
        (("dynamodb:PutItem", ""), a_staged_blob_is_found),
        (("dynamodb:UpdateItem", ""), a_blob_is_deleted),
        (("dynamodb:DeleteItem", ""), a_tag_is_deleted),
        (("dynamodb:BatchWriteItem", ""), a_manifest_is_pushed),
        (("s3:GetObject", "uploads/"), a_staged_blob_is_found),
        (("s3:GetObject", "blobs/"), a_staged_blob_is_found),
        (("s3:GetObject", "chunks/"), pieces_become_a_blob),
        (("s3:PutObject", "manifests/"), a_manifest_is_pushed),
        (("s3:PutObject", "chunks/"), pieces_become_a_blob),
        (("s3:AbortMultipartUpload", "chunks/"), pieces_are_given_up),
        (("s3:DeleteObject", "uploads/"), a_staged_blob_is_found),
        (("s3:DeleteObject", "chunks/"), a_small_piece_is_given_up),
    ]);
}

#[test]
fn promotion_needs_to_write_links() {
    promotion_needs(&[(("dynamodb:PutItem", ""), an_event_is_worked_off)]);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn promotion_needs_all_that_it_may_do() {
    promotion_needs(&[
        (("s3:GetObject", "uploads/"), an_event_is_worked_off),
        (("s3:GetObject", "blobs/"), an_event_is_worked_off),
        (("s3:PutObject", "blobs/"), an_event_is_worked_off),
        (("s3:DeleteObject", "uploads/"), an_event_is_worked_off),
        (("s3:ListBucket", ""), an_event_is_worked_off),
        (("dynamodb:GetItem", ""), a_late_event_is_worked_off),
    ]);
}

#[test]
#[ignore = "heavy: run by just test-full"]
fn management_needs_all_that_it_may_do() {
    let cases: [(Right, Scenario); 11] = [
        (("dynamodb:BatchGetItem", ""), an_administrator_signs_in),
        (("dynamodb:GetItem", ""), an_administrator_signs_in),
        (("dynamodb:Query", ""), members_are_listed),
        (("dynamodb:PutItem", ""), a_project_is_made),
        (("dynamodb:UpdateItem", ""), a_project_is_made),
        (("dynamodb:ConditionCheckItem", ""), a_member_is_added),
        (("dynamodb:DeleteItem", ""), a_project_is_deleted),
        (("dynamodb:BatchWriteItem", ""), an_artifact_is_copied),
        (("s3:GetObject", "blobs/"), an_image_shows_its_history),
        (("s3:GetObject", "manifests/"), a_large_manifest_is_shown),
        (("s3:PutObject", "manifests/"), an_artifact_is_copied),
    ];
    let (stack, _turn) = guarded();
    let too_wide = too_wide(stack, MANAGEMENT, &cases);
    assert!(too_wide.is_empty(), "{MANAGEMENT} works without {too_wide:?}");
}

#[test]
fn audit_needs_all_that_it_may_do() {
    let cases: [(Right, Scenario); 2] =
        [(("dynamodb:PutItem", ""), lines_are_kept), (("dynamodb:GetItem", ""), lines_are_kept)];
    let (stack, _turn) = guarded();
    let too_wide = too_wide(stack, AUDIT, &cases);
    assert!(too_wide.is_empty(), "{AUDIT} works without {too_wide:?}");
}

/// Without the promote function, which would do what the registry may not.
fn registry_needs(cases: &[(Right, Scenario)]) {
    let (stack, _turn) = stack();
    let mapping = stack.resource("PromoteFunctionUploads");
    let switch = |word| stack.aws("lambda", &["update-event-source-mapping", "--uuid", &mapping, word]);
    switch("--no-enabled");
    let too_wide = too_wide(stack, REGISTRY, cases);
    switch("--enabled");
    assert!(too_wide.is_empty(), "{REGISTRY} works without {too_wide:?}");
}

fn promotion_needs(cases: &[(Right, Scenario)]) {
    let (stack, _turn) = stack();
    let too_wide = too_wide(stack, PROMOTE, cases);
    assert!(too_wide.is_empty(), "{PROMOTE} works without {too_wide:?}");
}

/// The rights without which their scenarios work all the same.
fn too_wide(stack: &Stack, role: &str, cases: &[(Right, Scenario)]) -> Vec<Right> {
    let role_name = stack.resource(role);
    let policy_name = role.strip_suffix("Role").expect("roles are called so").to_lowercase();
    let names = ["--role-name", role_name.as_str(), "--policy-name", &policy_name];
    let policy = stack.aws("iam", &[&["get-role-policy"], &names[..]].concat())["PolicyDocument"].clone();
    let put = |policy: &Value| {
        let document = policy.to_string();
        stack.aws("iam", &[&["put-role-policy"], &names[..], &["--policy-document", &document]].concat());
    };
    let too_wide = cases.iter().enumerate().filter(|(number, (right, scenario))| {
        let name = format!("roles/{}/{number}", role.to_lowercase());
        let (good, bad) = (format!("{name}/good"), format!("{name}/bad"));
        let works = scenario(stack, &Repository::new(&stack.berth, &good), &|| {});
        assert!(works, "{right:?}: its scenario fails with all rights\n{}", stack.berth.log_tail());
        let less = without(&policy, *right);
        let still_works = scenario(stack, &Repository::new(&stack.berth, &bad), &|| put(&less));
        put(&policy);
        still_works
    });
    too_wide.map(|(_, (right, _))| *right).collect()
}

/// The policy without one right; the other resources of its statement keep the action.
fn without(policy: &Value, (action, prefix): Right) -> Value {
    let mut statements = Vec::new();
    let mut found = false;
    for statement in policy["Statement"].as_array().expect("a policy has statements") {
        for (one, resource) in pairs(statement) {
            let behind_bucket = resource.split_once('/').map_or("", |(_, path)| path);
            if one == action && behind_bucket.starts_with(prefix) {
                found = true;
            } else {
                statements.push(json!({ "Effect": "Allow", "Action": one, "Resource": resource }));
            }
        }
    }
    assert!(found, "{action} on {prefix}* is not in the role");
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Every action of a statement with every resource.
fn pairs(statement: &Value) -> Vec<(&str, &str)> {
    let resources = texts(&statement["Resource"]);
    let actions = texts(&statement["Action"]).into_iter();
    actions.flat_map(|action| resources.iter().map(move |resource| (action, *resource))).collect()
}

/// A text or a list of texts.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        text => vec![text.as_str().expect("policies are made of texts")],
    }
}

/// Twice: lines that are entries already are looked up.
fn lines_are_kept(stack: &Stack, _: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let function = stack.resource("AuditFunction");
    let lines = include_str!("../../../functions/audit/tests/logs-lines.json");
    let folder = tempfile::tempdir().expect("a folder");
    let answer = folder.path().join("answer").display().to_string();
    let words = ["invoke", "--function-name", &function, "--payload", lines];
    take_away();
    (0..2).all(|_| {
        let called = stack.aws("lambda", &[&words[..], &[answer.as_str()]].concat());
        called.get("FunctionError").is_none()
    })
}

fn tags_are_listed(_: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    repository.push_manifest("v1", &[]);
    take_away();
    send(repository.request(Method::GET, "tags/list")).status() == 200
}

/// One that is too large for the table.
fn a_manifest_is_pulled(_: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    repository.push_manifest("v1", &[&b"{}"[..]; 150]);
    take_away();
    send(repository.request(Method::GET, "manifests/v1")).status() == 200
}

fn a_manifest_is_pushed(_: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    repository.push_manifest("first", &[]);
    take_away();
    // Another tag and another layer than what is there.
    repository.put_manifest("second", &[b"{}"]).status() == 201
}

fn a_tag_is_deleted(_: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    repository.push_manifest("v1", &[]);
    take_away();
    send(repository.request(Method::DELETE, "manifests/v1")).status() == 202
}

fn a_blob_is_deleted(_: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let digest = repository.push_blob(b"to be deleted");
    assert_eq!(repository.blob_status(&digest), 200);
    take_away();
    send(repository.request(Method::DELETE, &format!("blobs/{digest}"))).status() == 202
}

fn an_absent_blob_is_answered_404(_: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    take_away();
    repository.blob_status(&sha256_digest(b"absent")) == 404
}

/// Promoted by the first request that asks for it.
fn a_staged_blob_is_found(_: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let digest = repository.push_blob(repository.name.as_bytes());
    take_away();
    repository.blob_status(&digest) == 200
}

/// Sends pieces of up to 3 MB; 6 MB are enough for a part of a multipart upload. `None` if one is refused.
fn patched(repository: &Repository<'_>, bytes: &[u8]) -> Option<String> {
    let mut upload = repository.start_upload();
    for piece in bytes.chunks(3_000_000) {
        let answer = send(repository.request_to(Method::PATCH, &upload).body(piece.to_vec()));
        if answer.status() != 202 {
            return None;
        }
        upload = location(repository.berth, &answer);
    }
    Some(upload)
}

fn pieces_become_a_blob(_: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let bytes = SeededBytes::take_vec(repository.name, 6_000_000);
    take_away();
    let Some(upload) = patched(repository, &bytes) else { return false };
    repository.put(&upload, &sha256_digest(&bytes), "").status() == 201
}

fn pieces_are_given_up(_: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let upload = patched(repository, &SeededBytes::take_vec(repository.name, 6_000_000)).expect("all rights");
    take_away();
    send(repository.request_to(Method::DELETE, &upload)).status() == 204
}

/// Too small for a part.
fn a_small_piece_is_given_up(_: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let upload = patched(repository, &vec![7; 1_000_000]).expect("all rights");
    take_away();
    send(repository.request_to(Method::DELETE, &upload)).status() == 204
}

fn an_event_is_worked_off(stack: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    take_away();
    let before = promotions(&stack.berth).len();
    repository.push_blob(repository.name.as_bytes());
    next_promotion(stack, before)
}

/// What the event tells of is gone: the first request was faster, or S3 says it twice.
fn a_late_event_is_worked_off(stack: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    take_away();
    let before = promotions(&stack.berth).len();
    let key = format!("uploads/{}/sha256/{}", repository.name, "0".repeat(64));
    let message = json!({ "Records": [{ "s3": { "object": { "key": key } } }] }).to_string();
    let queue = stack.output("UploadsQueueUrl");
    stack.aws("sqs", &["send-message", "--queue-url", queue, "--message-body", &message]);
    next_promotion(stack, before)
}

/// The project that goes with a repository of a test.
fn project_of(repository: &Repository<'_>) -> String {
    repository.name.replace('/', "-")
}

fn an_administrator_signs_in(stack: &Stack, _: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    take_away();
    ask(stack, Method::GET, "users/current", None).status() == 200
}

fn a_project_is_made(stack: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    take_away();
    let body = json!({ "project_name": project_of(repository) });
    ask(stack, Method::POST, "projects", Some(body)).status() == 201
}

fn members_are_listed(stack: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let name = project_of(repository);
    make(stack, "projects", json!({ "project_name": name }));
    take_away();
    ask(stack, Method::GET, &format!("projects/{name}/members"), None).status() == 200
}

fn a_member_is_added(stack: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let name = project_of(repository);
    make(stack, "projects", json!({ "project_name": name }));
    let person = json!({ "username": name, "realname": name, "email": format!("{name}@r.test"), "password": "Password1" });
    make(stack, "users", person);
    take_away();
    let body = json!({ "role_id": 2, "member_user": { "username": name } });
    ask(stack, Method::POST, &format!("projects/{name}/members"), Some(body)).status() == 201
}

fn a_project_is_deleted(stack: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let name = project_of(repository);
    make(stack, "projects", json!({ "project_name": name }));
    take_away();
    ask(stack, Method::DELETE, &format!("projects/{name}"), None).status() == 200
}

/// Pushes an image with so many layers into a project of its own, and answers where the API has its repository.
fn an_image(stack: &Stack, repository: &Repository<'_>, layers: usize) -> String {
    let project = project_of(repository);
    make(stack, "projects", json!({ "project_name": project }));
    let name = format!("{project}/app");
    let token = stack.bearer_of("admin", &stack.password(), &name);
    let pushed = Repository { berth: &stack.berth, name: &name, credentials: Some(&token) };
    pushed.push_manifest("v1", &vec![&b"{}"[..]; layers]);
    format!("projects/{project}/repositories/app")
}

fn an_artifact_is_copied(stack: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let path = an_image(stack, repository, 1);
    take_away();
    let from = format!("{}/app:v1", project_of(repository));
    let target = path.replace("/app", "/copy");
    ask(stack, Method::POST, &format!("{target}/artifacts?from={from}"), None).status() == 201
}

/// From the config, which is a blob.
fn an_image_shows_its_history(stack: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let path = an_image(stack, repository, 1);
    take_away();
    ask(stack, Method::GET, &format!("{path}/artifacts/v1/additions/build_history"), None).status() == 200
}

/// One that is too large for the table.
fn a_large_manifest_is_shown(stack: &Stack, repository: &Repository<'_>, take_away: &dyn Fn()) -> bool {
    let path = an_image(stack, repository, 150);
    take_away();
    ask(stack, Method::GET, &format!("{path}/artifacts/v1"), None).status() == 200
}

/// Whether the promotion after so many others reports no failure.
fn next_promotion(stack: &Stack, before: usize) -> bool {
    let result_bytes = wait_for("the promote function", || {
        promotions(&stack.berth).get(before).map(|event| event.result_bytes)
    });
    result_bytes <= NOTHING_FAILED_BYTES
}
