//! Who signs in, and who tries to.

use crate::door::{PASSWORD, World, basic};

#[tokio::test]
async fn a_login_is_a_token_without_a_scope_or_basic_at_the_base() {
    let world = World::new();
    let right = basic("reader", PASSWORD);
    let right = [("authorization", right.as_str())];
    assert_eq!(world.send("GET", "/token?service=r.test&account=reader", &right, "").await, 200);
    assert_eq!(world.send("GET", "/v2/", &right, "").await, 200);
    let form = format!("grant_type=password&username=reader&password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(world.send("POST", "/service/token", &[], form).await, 200);
    assert_eq!(world.told(), ["reader login 200"; 3]);
}

#[tokio::test]
async fn a_token_for_something_is_no_login() {
    let world = World::new();
    world.pushed().await;
    let right = basic("reader", PASSWORD);
    let right = [("authorization", right.as_str())];
    assert_eq!(world.send("GET", "/token?scope=repository:team/app:pull", &right, "").await, 200);
    assert_eq!(world.send("GET", "/token?scope=repository:team/app:pull", &[], "").await, 200);
    assert_eq!(world.with_token("reader", "GET", "/v2/").await, 200);
    assert_eq!(world.send("GET", "/v2/team/app/tags/list", &right, "").await, 200);
    assert_eq!(world.told(), [""; 0]);
}

#[tokio::test]
async fn a_wrong_password_is_noted_wherever_it_is_given() {
    let world = World::new();
    for (user, status) in [("reader", 401), ("unknown", 401), ("locked", 429)] {
        let wrong = basic(user, "wrong");
        let wrong = [("authorization", wrong.as_str())];
        for path in ["/token", "/token?scope=repository:team/app:pull", "/v2/", "/v2/team/app/manifests/1"] {
            assert_eq!(world.send("GET", path, &wrong, "").await, status, "{user} {path}");
            assert_eq!(world.told(), [format!("{user} login {status}")], "{path}");
        }
        let form = format!("grant_type=password&username={user}&password=wrong");
        assert_eq!(world.send("POST", "/token", &[], form).await, status);
        assert_eq!(world.told(), [format!("{user} login {status}")]);
    }
}

#[tokio::test]
async fn what_holds_no_name_is_nobodys_login() {
    let world = World::new();
    for header in ["Basic ???", "Bearer x", "Negotiate abc", ""] {
        for path in ["/token", "/v2/", "/v2/team/app/manifests/1"] {
            assert_eq!(
                world.send("GET", path, &[("authorization", header)], "").await,
                401,
                "{header} {path}"
            );
        }
    }
    assert_eq!(world.send("POST", "/token", &[], "grant_type=refresh_token&refresh_token=x").await, 401);
    assert_eq!(world.told(), [""; 0]);
}

#[tokio::test]
async fn an_exchange_is_a_login_of_the_robot_that_it_is_good_for() {
    let world = World::new();
    let form = |more: &str| {
        format!(
            "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&\
             subject_token_type=urn:ietf:params:oauth:token-type:jwt&{more}"
        )
    };
    assert_eq!(world.send("POST", "/token", &[], form("subject_token=good")).await, 200);
    assert_eq!(world.told(), ["robot$ci login 200"]);
    assert_eq!(world.send("POST", "/token", &[], form("subject_token=bad&username=robot%24x")).await, 401);
    assert_eq!(world.told(), ["robot$x login 401"]);
    assert_eq!(world.send("POST", "/token", &[], form("username=robot%24x")).await, 400);
    assert_eq!(world.told(), [""; 0]);
}
