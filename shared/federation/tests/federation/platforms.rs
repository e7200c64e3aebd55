//! Tokens as the platforms make them, and rules as people write them for these.

use serde_json::{Value, json};

use crate::support::keys::Key;
use crate::support::world::World;

struct Row {
    name: &'static str,
    claims: Value,
    rule: Value,
    is_accepted: bool,
}

fn row(name: &'static str, claims: &Value, rule: Value, is_accepted: bool) -> Row {
    Row { name, claims: claims.clone(), rule, is_accepted }
}

async fn check(table: Vec<Row>) {
    let world = World::new(Key::p256()).await;
    for Row { name, claims, rule, is_accepted } in table {
        let token = world.token(&world.claims_with(claims));
        let result = world.verifier.verify(&token, &[world.rule(&rule)]).await;
        assert_eq!(result.is_ok(), is_accepted, "{name}: {result:?}");
    }
}

#[tokio::test]
async fn github() {
    let classic = json!({
        "sub": "repo:octo/app:ref:refs/heads/main", "repository": "octo/app", "repository_id": "456",
        "repository_owner": "octo", "repository_owner_id": "123", "ref": "refs/heads/main", "ref_type": "branch",
        "event_name": "push", "job_workflow_ref": "octo/app/.github/workflows/release.yml@refs/heads/main"
    });
    // Subjects of repositories that were made or renamed after 2026-07-15.
    let mut immutable = classic.clone();
    immutable["sub"] = json!("repo:octo@123/app@456:ref:refs/heads/main");
    let mut taken_over = immutable.clone();
    taken_over["sub"] = json!("repo:octo@999/app@456:ref:refs/heads/main");
    let mut tag = classic.clone();
    tag["ref"] = json!("refs/tags/v1.2");
    tag["sub"] = json!("repo:octo/app:ref:refs/tags/v1.2");
    let mut deployment = classic.clone();
    deployment["sub"] = json!("repo:octo/app:environment:prod");
    let mut fork = classic.clone();
    fork["event_name"] = json!("pull_request_target");

    let by_ids = json!({"repository_owner_id": {"equals": "123"}, "repository_id": {"equals": "456"}});
    let by_name = json!({"sub": {"glob": "repo:octo/*:ref:refs/heads/main"}});
    let by_immutable = json!({"sub": {"glob": "repo:octo@123/*:ref:refs/heads/main"}});
    let tags = json!({"repository": {"equals": "octo/app"}, "ref": {"glob": "refs/tags/v*"}});
    let workflow = json!({
        "repository_id": {"equals": "456"},
        "job_workflow_ref": {"glob": "octo/app/.github/workflows/release.yml@refs/heads/*"}
    });
    check(vec![
        row("ids", &classic, by_ids.clone(), true),
        row("ids, immutable subject", &immutable, by_ids.clone(), true),
        row("name", &classic, by_name.clone(), true),
        row("a rule by name and an immutable subject", &immutable, by_name.clone(), false),
        row("immutable", &immutable, by_immutable.clone(), true),
        row("immutable, but a classic subject", &classic, by_immutable.clone(), false),
        row("immutable, the name taken over", &taken_over, by_immutable, false),
        row("tags", &tag, tags.clone(), true),
        row("tags, from a branch", &classic, tags, false),
        row("an environment is no branch", &deployment, by_name, false),
        row("workflow", &classic, workflow, true),
        row("a stranger's pull request", &fork, by_ids, false),
    ])
    .await;
}

#[tokio::test]
async fn refused_events_can_be_allowed() {
    let world = World::new(Key::p256()).await;
    let token = world.token(&world.claims_with(json!({"event_name": "workflow_run"})));
    let mut rule = world.usual_rule();
    assert!(world.verifier.verify(&token, &[rule.clone()]).await.is_err());
    rule.refused_events = vec!["pull_request_target".to_owned()];
    assert!(world.verifier.verify(&token, &[rule]).await.is_ok());
}

#[tokio::test]
async fn gitlab() {
    let main = json!({
        "sub": "project_path:group/sub/app:ref_type:branch:ref:main", "project_path": "group/sub/app", "project_id": "7",
        "namespace_path": "group/sub", "namespace_id": "3", "ref": "main", "ref_type": "branch", "ref_protected": "true",
        "pipeline_source": "push", "user_login": "alice"
    });
    let mut unprotected = main.clone();
    unprotected["ref_protected"] = json!("false");
    let mut fork = main.clone();
    fork["project_id"] = json!("8");
    let rule = json!({"project_id": {"equals": "7"}, "ref_protected": {"equals": "true"}});
    check(vec![
        row("a protected branch", &main, rule.clone(), true),
        row("a branch that is not protected", &unprotected, rule.clone(), false),
        row("a fork", &fork, rule, false),
        row(
            "path",
            &main,
            json!({"sub": {"glob": "project_path:group/sub/*:ref_type:branch:ref:main"}}),
            true,
        ),
        row(
            "one star for two levels",
            &main,
            json!({"sub": {"glob": "project_path:group/*:ref_type:branch:ref:main"}}),
            false,
        ),
    ])
    .await;
}

#[tokio::test]
async fn buildkite_and_circleci() {
    let buildkite = json!({
        "sub": "organization:acme:pipeline:app:ref:refs/heads/main:commit:9f3182061f1e2cca4702c368cbc039b7dc9d4485:step:build",
        "organization_slug": "acme", "organization_id": "0184990a-477b-4fa8-9968-496074483cee", "pipeline_slug": "app",
        "build_branch": "main", "build_number": 12
    });
    let circleci = json!({
        "sub": "org/0a1b/project/2c3d/user/4e5f", "oidc.circleci.com/project-id": "2c3d",
        "oidc.circleci.com/context-ids": ["c1"], "oidc.circleci.com/vcs-ref": "refs/heads/main"
    });
    check(vec![
        row(
            "pipeline",
            &buildkite,
            json!({"sub": {"glob": "organization:acme:pipeline:app:ref:refs/heads/main:commit:*:step:*"}}),
            true,
        ),
        row("another pipeline", &buildkite, json!({"sub": {"glob": "organization:acme:pipeline:ap:ref:*"}}), false),
        row(
            "organization and branch",
            &buildkite,
            json!({
                "organization_id": {"equals": "0184990a-477b-4fa8-9968-496074483cee"}, "build_branch": {"equals": "main"}
            }),
            true,
        ),
        row("a number", &buildkite, json!({"organization_slug": {"equals": "acme"}, "build_number": {"equals": "12"}}), true),
        row("project id", &circleci, json!({"oidc.circleci.com/project-id": {"equals": "2c3d"}}), true),
        row("project and user", &circleci, json!({"sub": {"glob": "org/0a1b/project/2c3d/user/*"}}), true),
        row("a list is not a text", &circleci, json!({"oidc.circleci.com/context-ids": {"equals": "c1"}}), false),
    ])
    .await;
}

#[tokio::test]
async fn kubernetes() {
    let pod = json!({
        "sub": "system:serviceaccount:prod:puller", "jti": null,
        "kubernetes.io": {
            "namespace": "prod", "serviceaccount": {"name": "puller", "uid": "u-1"}, "pod": {"name": "p", "uid": "u-2"}
        }
    });
    check(vec![
        row("account", &pod, json!({"sub": {"equals": "system:serviceaccount:prod:puller"}}), true),
        row(
            "any account of a namespace",
            &pod,
            json!({"sub": {"glob": "system:serviceaccount:prod:*"}}),
            true,
        ),
        row("another namespace", &pod, json!({"sub": {"glob": "system:serviceaccount:dev:*"}}), false),
        row("one star for two segments", &pod, json!({"sub": {"glob": "system:serviceaccount:*"}}), false),
        row("uid", &pod, json!({"/kubernetes.io/serviceaccount/uid": {"equals": "u-1"}}), true),
        row("another uid", &pod, json!({"/kubernetes.io/serviceaccount/uid": {"equals": "u-2"}}), false),
    ])
    .await;
}

#[tokio::test]
async fn aws_web_identity_token() {
    let role = json!({
        "sub": "arn:aws:iam::123456789012:role/deploy",
        "https://sts.amazonaws.com/": {
            "aws_account": "123456789012", "org_id": "o-abc", "principal_tags": {"team": "core"},
            "lambda_source_function_arn": "arn:aws:lambda:eu-central-1:123456789012:function:build"
        }
    });
    check(vec![
        row("role", &role, json!({"sub": {"glob": "arn:aws:iam::123456789012:role/*"}}), true),
        row(
            "a role of another account",
            &role,
            json!({"sub": {"glob": "arn:aws:iam::210987654321:role/*"}}),
            false,
        ),
        row(
            "tags",
            &role,
            json!({
                "/https:~1~1sts.amazonaws.com~1/aws_account": {"equals": "123456789012"},
                "/https:~1~1sts.amazonaws.com~1/principal_tags/team": {"equals": "core"}
            }),
            true,
        ),
        row(
            "no such tag",
            &role,
            json!({"/https:~1~1sts.amazonaws.com~1/principal_tags/env": {"equals": "core"}}),
            false,
        ),
    ])
    .await;
}

#[tokio::test]
async fn the_first_rule_that_fits_is_taken() {
    let world = World::new(Key::p256()).await;
    let token = world.token(&world.claims());
    let named = |id: &str, claims: Value| {
        let mut rule = world.rule(&claims);
        rule.id = id.to_owned();
        rule
    };
    let rules = [
        named("other", json!({"repository_id": {"equals": "1"}})),
        named("first", json!({"repository_id": {"equals": "42"}})),
        named("second", json!({"repository": {"equals": "o/x"}})),
    ];
    assert_eq!(world.verifier.verify(&token, &rules).await.unwrap().rule_id, "first");
    assert_eq!(world.verifier.verify(&token, &rules[2..]).await.unwrap().rule_id, "second");
}
