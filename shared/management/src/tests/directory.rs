//! LDAP through the API, with no directory there. With a real one: `tests/tests/directory.rs`.

use serde_json::{Value, json};

use super::world::World;

/// Takes one connection and tells what came over it.
async fn listener() -> (String, tokio::task::JoinHandle<String>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("ldap://{}", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        use tokio::io::AsyncReadExt;
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 1024];
        let count = socket.read(&mut buffer).await.unwrap();
        String::from_utf8_lossy(&buffer[..count]).into_owned()
    });
    (url, heard)
}

async fn ping(world: &World, body: Value) -> Value {
    let reply = world.post("admin", "/ldap/ping", body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert!(!reply.body.contains("Ldap-Secret-1"), "{}", reply.body);
    reply.json()
}

#[tokio::test]
async fn the_password_that_is_configured_is_sent_where_it_belongs_alone() {
    let world = World::new().await;
    for (named, secret_is_heard) in [
        (json!({}), true),
        (json!({ "ldap_search_dn": "cn=reader,dc=x", "ldap_uid": "uid" }), true),
        (json!({ "ldap_search_dn": "cn=other,dc=x" }), false),
        (json!({ "ldap_verify_cert": false }), false),
    ] {
        let (url, heard) = listener().await;
        let configured = json!({ "ldap_url": url, "ldap_base_dn": "dc=x", "ldap_search_dn": "cn=reader,dc=x",
            "ldap_search_password": "Ldap-Secret-1", "ldap_timeout": 5 });
        assert_eq!(world.put("admin", "/configurations", configured).await.status, 200);
        let answer = ping(&world, named.clone()).await;
        assert_eq!(answer["success"], false);
        if secret_is_heard {
            assert!(heard.await.unwrap().contains("Ldap-Secret-1"), "{named}");
        } else {
            // Nobody was asked at all: a search DN without a password is refused.
            assert_eq!(
                answer["message"],
                "error: search_password must not be empty when there is a search_dn"
            );
            heard.abort();
        }
    }
    let (elsewhere, heard) = listener().await;
    let answer = ping(&world, json!({ "ldap_url": elsewhere })).await;
    assert_eq!(answer["message"], "error: search_password must not be empty when there is a search_dn");
    heard.abort();
    let (elsewhere, heard) = listener().await;
    ping(&world, json!({ "ldap_url": elsewhere, "ldap_search_password": "other" })).await;
    let heard = heard.await.unwrap();
    assert!(heard.contains("other") && !heard.contains("Ldap-Secret-1"), "{heard:?}");
}

#[tokio::test]
async fn hosts_that_no_directory_may_be_are_not_asked() {
    let world = World::new().await;
    for url in ["ldap://169.254.169.254", "ldap://[fd00:ec2::254]", "ldap://[::ffff:169.254.169.254]:389"] {
        let answer = ping(&world, json!({ "ldap_url": url, "ldap_base_dn": "dc=x" })).await;
        let told = answer["message"].as_str().unwrap();
        assert!(told.contains("link-local"), "{url}: {told}");
    }
}

#[tokio::test]
async fn without_a_directory_there_is_nobody_to_find() {
    let world = World::new().await;
    for path in ["/ldap/users/search?username=a", "/ldap/groups/search?groupname=a"] {
        assert_eq!(world.get("admin", path).await.status, 400, "{path}");
        assert_eq!(world.get("chief", path).await.status, 403, "{path}");
    }
    let import = json!({ "ldap_uid_list": ["alice"] });
    assert_eq!(world.post("admin", "/ldap/users/import", import.clone()).await.status, 400);
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let configured =
        json!({ "ldap_url": format!("ldap://{free}"), "ldap_base_dn": "dc=x", "ldap_timeout": 1 });
    assert_eq!(world.put("admin", "/configurations", configured).await.status, 200);
    let down = world.get("admin", "/ldap/users/search").await;
    assert_eq!((down.status, down.error().1.as_str()), (502, "the directory cannot be reached"));
    assert_eq!(world.post("admin", "/ldap/users/import", import).await.status, 502);
    let many: Vec<String> = (0..101).map(|number| number.to_string()).collect();
    assert_eq!(world.post("admin", "/ldap/users/import", json!({ "ldap_uid_list": many })).await.status, 400);
    assert_eq!(world.get("admin", "/ldap/groups/search?groupdn=team").await.status, 400);
}

#[tokio::test]
async fn a_directory_that_cannot_be_is_refused_once_it_is_whole() {
    let world = World::new().await;
    for (body, status) in [
        (json!({ "ldap_filter": "(a=b", "ldap_uid": "u id" }), 200),
        (json!({ "ldap_url": "ldap://h" }), 200),
        (json!({ "ldap_base_dn": "dc=x" }), 400),
        (json!({ "ldap_base_dn": "dc=x", "ldap_filter": "", "ldap_uid": "uid" }), 200),
        (json!({ "ldap_search_dn": "cn=reader" }), 200),
        (json!({ "ldap_group_admin_dn": "admins" }), 400),
        (json!({ "ldap_url": "https://h" }), 400),
        (json!({ "banner_message": "hi" }), 200),
    ] {
        let reply = world.put("admin", "/configurations", body.clone()).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.body);
    }
}
