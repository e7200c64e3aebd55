//! Trust rules of robots: who makes them, and what is told about those that cannot be.

use serde_json::{Value, json};

use super::world::{ALL, NOBODY, OF_OTHER, OF_TEAM, PULLER, World};

const ISSUER: &str = "https://gitlab.example";

fn token_rule() -> Value {
    json!({ "name": "releases", "issuer": ISSUER, "claims": { "project_id": { "equals": "7" } } })
}

fn aws_rule() -> Value {
    json!({
        "name": "build role", "account": "123456789012",
        "principals": ["arn:aws:iam::123456789012:role/build-*"],
    })
}

fn path(world: &World, robot: &str) -> String {
    format!("/robots/{}/trust-rules", world.robots[robot])
}

#[tokio::test]
async fn a_rule_is_made_shown_and_removed() {
    let world = World::new().await;
    let path = path(&world, OF_TEAM);
    let made = world.post("chief", &path, token_rule()).await;
    let id = made.id();
    assert_eq!(made.header("location"), Some(format!("/api/v2.0{path}/{id}").as_str()));
    let expected = json!({
        "id": id, "robot_id": world.robots[OF_TEAM], "robot": OF_TEAM, "kind": "token", "creator": "chief",
        "creation_time": made.json()["creation_time"], "name": "releases", "issuer": ISSUER,
        "audiences": ["registry.example"], "claims": { "project_id": { "equals": "7" } },
        "refused_events": ["pull_request_target", "workflow_run"], "single_use": true,
        "max_lifetime_secs": 3600,
    });
    assert_eq!(made.json(), expected);

    let aws = world.post("chief", &path, aws_rule()).await.json();
    assert_eq!((&aws["kind"], &aws["audiences"]), (&json!("aws"), &json!(["registry.example"])));
    let all = world.get("maintainer", &path).await;
    assert_eq!((all.json(), all.header("x-total-count")), (json!([expected, aws]), Some("2")));

    assert_eq!(world.delete("chief", &format!("{path}/{id}")).await.status, 200);
    let gone = world.delete("chief", &format!("{path}/{id}")).await;
    assert_eq!((gone.status, gone.error().1), (404, format!("trust rule {id} of {OF_TEAM} not found")));
    assert_eq!(world.get("chief", &path).await.json(), json!([aws]));
    // The rule of one robot is nothing below another.
    let elsewhere = format!("/robots/{}/trust-rules/{}", world.robots[PULLER], aws["id"]);
    assert_eq!(world.delete("admin", &elsewhere).await.status, 404);
}

#[tokio::test]
async fn rules_are_made_by_those_who_may_change_the_robot_and_have_its_rights() {
    let mut world = World::new().await;
    let pull = (berth_projects::Resource::Repository, berth_projects::Action::Pull);
    let scope = berth_projects::Scope::Project(world.team.id);
    let team = world.team.clone();
    let permissions = vec![berth_projects::Permission { scope, rights: vec![pull] }];
    let modest = world.robot("modest", Some(&team), permissions).await;
    for (robot, who, status) in [
        (modest.as_str(), "chief", 201),
        (&modest, "admin", 201),
        (&modest, "maintainer", 403),
        (&modest, "guest", 403),
        (&modest, "limited", 404),
        // Robots have no right to change robots.
        (&modest, ALL, 403),
        (&modest, OF_TEAM, 403),
        (&modest, "stranger", 404),
        (&modest, OF_OTHER, 404),
        (&modest, NOBODY, 401),
        (PULLER, "admin", 201),
        (PULLER, "chief", 404),
        (PULLER, OF_TEAM, 404),
        (ALL, "chief", 404),
    ] {
        let reply = world.post(who, &path(&world, robot), token_rule()).await;
        assert_eq!(reply.status, status, "{robot} by {who}: {}", reply.body);
    }
}

#[tokio::test]
async fn nobody_gives_a_workload_more_than_he_has() {
    let mut world = World::new().await;
    let right = |resource: &str, action: &str| (resource.parse().unwrap(), action.parse().unwrap());
    let scope = berth_projects::Scope::Project(world.team.id);
    let team = world.team.clone();
    let rights = vec![right("robot", "read"), right("robot", "update")];
    let keeper = vec![berth_projects::Permission { scope: scope.clone(), rights }];
    let rights = vec![right("repository", "push"), right("repository", "pull")];
    let pusher = vec![berth_projects::Permission { scope, rights }];
    let keeper = world.robot("keeper", Some(&team), keeper).await;
    let pusher = world.robot("pusher", Some(&team), pusher).await;
    let reply = world.post(&keeper, &path(&world, &pusher), token_rule()).await;
    assert_eq!((reply.status, reply.error().0.as_str()), (403, "DENIED"), "{}", reply.body);
    assert_eq!(world.post(&keeper, &path(&world, &keeper), token_rule()).await.status, 201);
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_told_with_the_remedy() {
    let world = World::new().await;
    let path = path(&world, OF_TEAM);
    let changed = |mut rule: Value, name: &str, value: Value| {
        rule[name] = value;
        rule
    };
    let token = |name: &str, value: Value| changed(token_rule(), name, value);
    let aws = |name: &str, value: Value| changed(aws_rule(), name, value);
    let github = "https://token.actions.githubusercontent.com";
    for (rule, words) in [
        (json!({}), "either an issuer, for its tokens, or an account"),
        (token("account", json!("123456789012")), "either an issuer"),
        (token("claim", json!({})), "no field \"claim\"; it can have name, issuer, audiences, claims"),
        (token("claims", json!({})), "pins no claim"),
        (token("claims", json!({ "sub": "x" })), "the rule cannot be read"),
        (token("claims", json!({ "sub": {} })), "the claim sub needs one condition"),
        (token("claims", json!({ "sub": { "is": "x" } })), "{\"equals\": \"text\"}"),
        (token("claims", json!({ "sub": { "equals": "x", "glob": "x" } })), "needs one condition"),
        (token("claims", json!({ "sub": { "glob": "a**" } })), "sub: "),
        (token("claims", json!({ "sub": { "glob": "*" } })), "no claim is pinned"),
        (token("claims", json!({ "aud": { "equals": "x" } })), "aud is checked by itself"),
        (token("issuer", json!(github)), "repository_owner_id"),
        (token("issuer", json!("gitlab.example")), "an https URL"),
        (token("issuer", json!("https://10.0.0.1")), "the issuer cannot be asked for its keys"),
        (token("issuer", json!("http://127.0.0.1:1")), "the issuer cannot be asked for its keys"),
        (token("name", json!("")), "the name must have"),
        (token("max_lifetime_secs", json!(0)), "the longest life"),
        (token("single_use", json!("yes")), "the rule cannot be read"),
        (aws("account", json!("1")), "12 digits"),
        (aws("principals", json!([])), "principals"),
        (
            aws("principals", json!(["arn:aws:iam::210987654321:role/x"])),
            "arn:aws:iam::<account of the rule>:",
        ),
        (aws("audiences", json!([""])), "hosts of this registry"),
    ] {
        let reply = world.post("chief", &path, rule.clone()).await;
        assert_eq!(reply.status, 400, "{rule}: {}", reply.body);
        let (code, message) = reply.error();
        assert!(code == "BAD_REQUEST" && message.contains(words), "{rule}: {message}");
    }
    assert_eq!(world.get("chief", &path).await.json(), json!([]));
}

#[tokio::test]
async fn rules_are_audited_and_go_with_the_robot() {
    let world = World::new().await;
    let path = path(&world, OF_TEAM);
    let id = world.post("chief", &path, token_rule()).await.id();
    world.delete("chief", &format!("{path}/{id}")).await;
    let log = world.get("admin", "/auditlog-exts?sort=op_time").await;
    assert_eq!(log.column("resource_type"), ["trust_rule", "trust_rule"]);
    assert_eq!(log.column("resource"), [format!("{OF_TEAM}/{id}"), format!("{OF_TEAM}/{id}")]);
    let mut operations = log.column("operation");
    operations.sort();
    assert_eq!(operations, ["create", "delete"]);

    let second = world.post("chief", &path, token_rule()).await.id();
    let robot = world.robots[OF_TEAM];
    assert_eq!(world.delete("chief", &format!("/robots/{robot}")).await.status, 200);
    assert_eq!(world.get("admin", &path).await.status, 404);
    assert!(world.directory.trust().of_robot(robot).await.unwrap().is_empty(), "{second}");
}

#[tokio::test]
async fn a_robot_has_so_many_rules_and_no_more() {
    let world = World::new().await;
    let path = path(&world, OF_TEAM);
    for _ in 0..32 {
        world.post("chief", &path, token_rule()).await.id();
    }
    let reply = world.post("chief", &path, token_rule()).await;
    assert_eq!((reply.status, reply.error().0.as_str()), (412, "PRECONDITION"));
    assert!(reply.error().1.contains("at most 32"), "{}", reply.body);
}
