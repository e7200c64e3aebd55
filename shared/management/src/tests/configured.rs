//! What is configured, as Harbor's clients read and write it.

use serde_json::{Value, json};

use super::world::{NOBODY, World};

/// The value of an item and whether it can be changed; null if it is not shown.
async fn read(world: &World, name: &str) -> Value {
    world.get("admin", "/configurations").await.json()[name].clone()
}

async fn change(world: &World, body: Value) -> u16 {
    world.put("admin", "/configurations", body).await.status
}

/// Removes everybody but the administrator: then Harbor lets the mode be changed.
async fn leave_admin_alone(world: &World) {
    for (name, user) in &world.users {
        if name != "admin" {
            assert_eq!(world.delete("admin", &format!("/users/{}", user.id)).await.status, 200);
        }
    }
}

#[tokio::test]
async fn configurations_are_items_to_read_and_flat_to_write() {
    let world = World::new().await;
    assert_eq!(read(&world, "robot_name_prefix").await, json!({ "value": "robot$", "editable": false }));
    assert_eq!(read(&world, "auth_mode").await, json!({ "value": "db_auth", "editable": false }));
    assert_eq!(read(&world, "token_expiration").await["value"], 30);
    assert_eq!(read(&world, "quota_per_project_enable").await["value"], false);
    assert_eq!(change(&world, json!({ "project_creation_restriction": "adminonly" })).await, 200);
    let restriction = read(&world, "project_creation_restriction").await;
    assert_eq!(restriction, json!({ "value": "adminonly", "editable": true }));
    let new = json!({ "project_name": "new" });
    assert_eq!(world.post("stranger", "/projects", new.clone()).await.status, 403);
    // What is sent along unchanged, and what nobody knows, does no harm.
    let body = json!({ "project_creation_restriction": "everyone", "auth_mode": "db_auth", "robot_name_prefix": "robot$",
        "self_registration": false, "storage_per_project": -1, "no_such_thing": 1, "oidc_endpoint": null,
        "token_expiration": 30 });
    assert_eq!(change(&world, body).await, 200);
    assert_eq!(world.post("stranger", "/projects", new).await.status, 201);
    for refused in [
        json!({ "auth_mode": "ldap_auth" }),
        json!({ "self_registration": true }),
        json!({ "robot_name_prefix": "bot-" }),
        json!({ "uaa_endpoint": "https://uaa.example" }),
        json!({ "ldap_scope": 3 }),
        json!({ "robot_token_duration": 0 }),
        json!({ "robot_token_duration": "30" }),
        json!({ "project_creation_restriction": "nobody" }),
        json!({ "banner_message": "a".repeat(5000) }),
        json!([]),
    ] {
        assert_eq!(change(&world, refused.clone()).await, 400, "{refused}");
    }
    // One that is wrong leaves all as they are.
    assert_eq!(change(&world, json!({ "banner_message": "hello", "self_registration": true })).await, 400);
    assert_eq!(read(&world, "banner_message").await["value"], "");
}

#[tokio::test]
async fn the_mode_changes_as_long_as_nobody_came_in_it() {
    let world = World::new().await;
    let refused = world.put("admin", "/configurations", json!({ "auth_mode": "oidc_auth" })).await;
    assert_eq!(refused.status, 400);
    assert!(refused.error().1.contains("new users have been inserted"), "{}", refused.body);
    leave_admin_alone(&world).await;
    assert_eq!(read(&world, "auth_mode").await["editable"], true);
    assert_eq!(change(&world, json!({ "auth_mode": "oidc_auth", "primary_auth_mode": true })).await, 200);
    let info = world.get(NOBODY, "/systeminfo").await.json();
    assert_eq!((&info["auth_mode"], &info["primary_auth_mode"]), (&json!("oidc_auth"), &json!(true)));
}

#[tokio::test]
async fn what_the_environment_decides_is_forbidden_to_change() {
    let world = World::locked(&[("BERTH_AUTH_MODE", "oidc_auth"), ("BERTH_BANNER_MESSAGE", "hi")]).await;
    assert_eq!(read(&world, "banner_message").await, json!({ "value": "hi", "editable": false }));
    leave_admin_alone(&world).await;
    assert_eq!(read(&world, "auth_mode").await, json!({ "value": "oidc_auth", "editable": false }));
    for (body, status) in [
        (json!({ "banner_message": "ho" }), 403),
        (json!({ "auth_mode": "db_auth" }), 403),
        (json!({ "token_expiration": 31 }), 403),
        (json!({ "banner_message": "hi", "auth_mode": "oidc_auth", "session_timeout": 5 }), 200),
    ] {
        let reply = world.put("admin", "/configurations", body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
        if status == 403 {
            assert!(reply.error().1.contains("BERTH_"), "{}", reply.body);
        }
    }
    assert_eq!(read(&world, "session_timeout").await["value"], 5);
}

/// The bodies of the Terraform provider, which always holds switches that are not set.
#[tokio::test]
async fn the_terraform_provider_sets_what_it_manages() {
    let world = World::new().await;
    leave_admin_alone(&world).await;
    let switches = json!({ "oidc_verify_cert": false, "oidc_auto_onboard": false, "self_registration": false,
        "scan_all_policy": { "parameter": {} }, "read_only": false, "quota_per_project_enable": false,
        "email_insecure": false, "email_ssl": false });
    let with = |more: Value| {
        let mut body = switches.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let ldap = with(
        json!({ "auth_mode": "ldap_auth", "ldap_url": "ldap://ldap.example.org", "ldap_search_dn": "cn=reader,dc=x",
        "ldap_base_dn": "dc=x", "ldap_uid": "uid", "ldap_scope": 2, "ldap_group_base_dn": "ou=g,dc=x", "ldap_group_search_scope": 2,
        "ldap_group_attribute_name": "cn", "ldap_verify_cert": true, "ldap_group_id": "x" }),
    );
    let oidc = with(
        json!({ "auth_mode": "oidc_auth", "oidc_name": "idp", "oidc_endpoint": "https://idp.example", "oidc_client_id": "b",
        "oidc_client_secret": "Oidc-Secret-1", "oidc_groups_claim": "groups", "oidc_scope": "openid,email",
        "oidc_verify_cert": true, "oidc_auto_onboard": true, "oidc_user_claim": "name" }),
    );
    let system = with(json!({ "project_creation_restriction": "adminonly", "robot_token_duration": 43200 }));
    for body in [ldap, oidc, system] {
        let reply = world.put("admin", "/configurations", body.clone()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let shown = world.get("admin", "/configurations").await;
        assert!(
            !shown.body.contains("Oidc-Secret-1") && !shown.body.contains("client_secret"),
            "{}",
            shown.body
        );
        for (name, value) in body.as_object().unwrap() {
            let seen = &shown.json()[name];
            assert!(seen.is_null() || seen["value"] == *value, "{name}: {seen}");
        }
    }
}
