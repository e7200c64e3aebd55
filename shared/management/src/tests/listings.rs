//! Listings: who sees what, pages, filters and order.

use berth_projects::{Permission, Who};
use serde_json::json;

use super::world::{ALL, NOBODY, OF_OTHER, OF_TEAM, PULLER, World};

#[tokio::test]
async fn everybody_sees_his_own_projects_and_the_public_ones() {
    let world = World::new().await;
    for (who, all, public, private) in [
        (NOBODY, vec!["open"], vec!["open"], vec![]),
        ("stranger", vec!["open"], vec!["open"], vec![]),
        ("limited", vec!["open", "team"], vec!["open"], vec!["team"]),
        ("chief", vec!["open", "other", "team"], vec!["open"], vec!["other", "team"]),
        ("admin", vec!["open", "other", "team"], vec!["open"], vec!["other", "team"]),
        (ALL, vec!["open", "other", "team"], vec!["open"], vec!["other", "team"]),
        (PULLER, vec!["open", "other", "team"], vec!["open"], vec!["other", "team"]),
        (OF_TEAM, vec!["open", "team"], vec!["open"], vec!["team"]),
        (OF_OTHER, vec!["open", "other"], vec!["open"], vec!["other"]),
    ] {
        for (query, expected) in [("", &all), ("?public=true", &public), ("?public=false", &private)] {
            let reply = world.get(who, &format!("/projects{query}")).await;
            assert_eq!(reply.column("name"), *expected, "{who:?} {query}");
            assert_eq!(reply.header("x-total-count"), Some(expected.len().to_string().as_str()));
        }
    }
}

#[tokio::test]
async fn a_group_brings_its_projects_along() {
    let world = World::new().await;
    let group =
        world.post("admin", "/usergroups", json!({ "group_name": "crew", "group_type": 3 })).await.id();
    world.directory.users().update("stranger", |user| user.groups = vec![group]).await.unwrap();
    let member = json!({ "role_id": 2, "member_group": { "id": group } });
    world.post("admin", "/projects/other/members", member).await.id();
    assert_eq!(world.get("stranger", "/projects").await.column("name"), ["open", "other"]);
    let project = world.get("stranger", "/projects/other").await.json();
    assert_eq!(project["current_user_role_id"], 2);
    // With the group its rights are gone, although the user still says that he is in it.
    assert_eq!(world.delete("admin", &format!("/usergroups/{group}")).await.status, 200);
    assert_eq!(world.get("stranger", "/projects").await.column("name"), ["open"]);
    assert_eq!(world.get("stranger", "/projects/other").await.status, 403);
    let left = world.projects.list_of(Who::Group(group), None, 10).await.unwrap();
    assert!(left.0.is_empty());
}

async fn many() -> World {
    let world = World::new().await;
    for n in 0..25 {
        let public = if n % 2 == 0 { "true" } else { "false" };
        let metadata = json!({ "public": public });
        let body = json!({ "project_name": format!("many-{n:02}"), "metadata": metadata });
        world.memory.clock().advance(std::time::Duration::from_mins(1));
        world.post("developer", "/projects", body).await.id();
    }
    world
}

#[tokio::test]
async fn pages_lead_from_one_to_the_next() {
    let world = many().await;
    let (mut path, mut seen, mut back) = (Some("/projects?name=many&page_size=10".to_owned()), Vec::new(), 0);
    while let Some(next) = path {
        let reply = world.get("admin", &next).await;
        assert_eq!(reply.header("x-total-count"), Some("25"));
        seen.extend(reply.column("name"));
        let link = reply.header("link").unwrap_or_default().to_owned();
        back += usize::from(link.contains("rel=\"prev\""));
        path = link.split(" , ").find(|link| link.ends_with("rel=\"next\"")).map(|link| {
            let url = link.strip_prefix("</api/v2.0").unwrap();
            url.split_once('>').unwrap().0.to_owned()
        });
    }
    let expected: Vec<String> = (0..25).map(|n| format!("many-{n:02}")).collect();
    assert_eq!((seen, back), (expected, 2));
    let last = world.get("admin", "/projects?name=many&page=3&page_size=10").await;
    assert_eq!(last.header("link"), Some("</api/v2.0/projects?name=many&page=2&page_size=10>; rel=\"prev\""));
    let behind = world.get("admin", "/projects?name=many&page=9&page_size=10").await;
    assert_eq!((behind.json(), behind.header("x-total-count")), (json!([]), Some("25")));
    // What is in the query cannot end the header.
    let odd = world.get("admin", "/projects?page_size=1&x=%3E%0D%0Aevil%3A1").await;
    assert!(!odd.header("link").unwrap().contains(">\r"), "{odd:?}");
    assert_eq!(world.get("admin", "/projects").await.column("name").len(), 10);
    for all in ["0", "-1", "100"] {
        assert_eq!(world.get("admin", &format!("/projects?page_size={all}")).await.column("name").len(), 28);
    }
}

#[tokio::test]
async fn filters_and_order() {
    let world = many().await;
    let first = world.get("admin", "/projects?q=name=many-00").await.json()[0].clone();
    let made = first["creation_time"].as_str().unwrap().trim_end_matches(".000Z").to_owned();
    for (query, expected) in [
        ("q=name=many-01", vec!["many-01"]),
        ("q=name%3Dmany-01", vec!["many-01"]),
        ("q=name%253Dmany-01", vec!["many-01"]),
        ("q=name=~MANY-0,public=false", vec!["many-01", "many-03", "many-05", "many-07", "many-09"]),
        ("q=name={'team' 'open' 'nothing'}", vec!["open", "team"]),
        ("q=name=(team)", vec!["team"]),
        ("q=project_id=[1~2]", vec!["other", "team"]),
        ("q=ProjectID=[~2]", vec!["other", "team"]),
        ("q=owner_name=developer,name=~24", vec!["many-24"]),
        (&format!("q=creation_time=[~{made}]&sort=-name"), vec!["team", "other", "open", "many-00"]),
        ("sort=-creation_time&page_size=2", vec!["many-24", "many-23"]),
        ("sort=-public,name&page_size=3", vec!["many-00", "many-02", "many-04"]),
        ("owner=developer&name=0&public=true&sort=-name&page_size=2", vec!["many-20", "many-10"]),
    ] {
        let query = query.replace(' ', "%20").replace('\'', "%27");
        assert_eq!(
            world.get("admin", &format!("/projects?{query}")).await.column("name"),
            expected,
            "{query}"
        );
    }
    for (query, word) in
        [("q=password=x", "password"), ("sort=secret", "secret"), ("q=metadata=~x", "metadata")]
    {
        let reply = world.get("admin", &format!("/projects?{query}")).await;
        assert_eq!(reply.status, 400, "{query}");
        assert!(reply.error().1.contains(word), "{}", reply.body);
    }
}

#[tokio::test]
async fn a_secret_is_no_column() {
    let world = World::new().await;
    for path in
        ["/users?q=password=~a", "/users?sort=password", "/robots?q=secret=~a", "/robots?sort=secrets"]
    {
        assert_eq!(world.get("admin", path).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn users_are_listed_without_the_first_administrator() {
    let world = World::new().await;
    let expected = ["chief", "developer", "guest", "limited", "maintainer", "stranger"];
    assert_eq!(world.get("admin", "/users").await.column("username"), expected);
    assert_eq!(
        world.get("admin", "/users?q=email=~ain&sort=-user_id").await.column("username"),
        ["maintainer"]
    );
    assert_eq!(world.get("admin", "/users?username=GUEST").await.column("username"), ["guest"]);
    let found = world.get("guest", "/users/search?username=e").await;
    assert_eq!(
        found.column("username"),
        ["chief", "developer", "guest", "limited", "maintainer", "stranger"]
    );
    let first = &found.json()[0];
    assert_eq!(first.as_object().unwrap().keys().collect::<Vec<_>>(), ["user_id", "username"]);
    assert_eq!(world.get("guest", "/users/search").await.status, 422);
    assert_eq!(
        world.get("guest", "/users/search?username=admin").await.column("username"),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn members_are_found_by_a_part_of_their_names() {
    let world = World::new().await;
    let reply = world.get("guest", "/projects/team/members").await;
    assert_eq!(
        reply.column("entity_name"),
        ["admin", "chief", "developer", "guest", "limited", "maintainer"]
    );
    let reply = world.get("guest", "/projects/team/members?entityname=EVE").await;
    assert_eq!(reply.column("entity_name"), ["developer"]);
    let member = reply.json()[0].clone();
    assert_eq!(
        (&member["role_id"], &member["role_name"], &member["entity_type"]),
        (&json!(2), &json!("developer"), &json!("u"))
    );
}

#[tokio::test]
async fn a_search_finds_what_one_sees() {
    let world = World::new().await;
    for name in ["team/app", "team/web/app", "open/app", "other/app", "other/lib"] {
        world.repository(name).await;
    }
    for (who, repositories) in [
        (NOBODY, vec!["open/app"]),
        ("stranger", vec!["open/app"]),
        ("developer", vec!["open/app", "team/app", "team/web/app"]),
        ("admin", vec!["open/app", "other/app", "team/app", "team/web/app"]),
    ] {
        let found = world.get(who, "/search?q=app").await.json();
        let names: Vec<&str> = found["repository"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| found["repository_name"].as_str().unwrap())
            .collect();
        assert_eq!(names, repositories, "{who:?}");
        assert_eq!(found["project"], json!([]));
    }
    let found = world.get("developer", "/search?q=tea").await.json();
    assert_eq!(
        (&found["project"][0]["name"], &found["project"][0]["repo_count"]),
        (&json!("team"), &json!(2))
    );
    let statistics = world.get("developer", "/statistics").await.json();
    assert_eq!(
        statistics,
        json!({
            "public_project_count": 1, "private_project_count": 1, "public_repo_count": 1, "private_repo_count": 2,
            "total_project_count": 0, "total_repo_count": 0, "total_storage_consumption": 0,
        })
    );
    let all = world.get("admin", "/statistics").await.json();
    assert_eq!((&all["total_project_count"], &all["total_repo_count"]), (&json!(3), &json!(5)));
}

#[tokio::test]
async fn repositories_are_counted_among_many_projects() {
    let world = many().await;
    for n in 0..20 {
        world.repository(&format!("many-01/r{n:02}")).await;
    }
    world.repository("many-02/r").await;
    let project = world.get("admin", "/projects/many-01").await.json();
    assert_eq!(project["repo_count"], 20);
    let statistics = world.get("admin", "/statistics").await.json();
    assert_eq!(
        (&statistics["public_repo_count"], &statistics["private_repo_count"]),
        (&json!(1), &json!(20))
    );
    let list = world.get("admin", "/projects?name=many-01").await.json();
    assert_eq!(list[0]["repo_count"], 20);
    let list = world.get("admin", "/projects?name=many-01&with_detail=false").await.json();
    assert!(list[0].get("repo_count").is_none());
}

#[tokio::test]
async fn permissions_of_oneself() {
    let world = World::new().await;
    let id = world.team.id;
    let path = format!("/users/current/permissions?scope=/project/{id}&relative=true");
    let limited = world.get("limited", &path).await.json();
    assert!(limited.as_array().unwrap().contains(&json!({ "resource": ".", "action": "read" })));
    assert!(limited.as_array().unwrap().contains(&json!({ "resource": "repository", "action": "pull" })));
    assert!(!limited.as_array().unwrap().iter().any(|permission| permission["action"] == "push"));
    let full =
        world.get("developer", &format!("/users/current/permissions?scope=/project/{id}")).await.json();
    let push = json!({ "resource": format!("/project/{id}/repository"), "action": "push" });
    assert!(full.as_array().unwrap().contains(&push));
    for nothing in [format!("/project/{}", world.other.id), "/project/99".to_owned(), "/elsewhere".to_owned()]
    {
        let reply = world.get("stranger", &format!("/users/current/permissions?scope={nothing}")).await;
        assert_eq!(reply.json(), json!([]), "{nothing}");
    }
    assert_eq!(world.get("stranger", "/users/current/permissions?scope=/system").await.json(), json!([]));
    let system = world.get("admin", "/users/current/permissions?scope=/system").await.json();
    assert!(system.as_array().unwrap().contains(&json!({ "resource": "/system/user", "action": "create" })));
    // Who sees the catalogue of rights.
    let catalogue = world.get("chief", "/permissions").await.json();
    let count = catalogue["project"].as_array().unwrap().len();
    assert!(catalogue.get("system").is_none() && count == Permission::project_catalogue().count());
    let catalogue = world.get("admin", "/permissions").await.json();
    assert_eq!(catalogue["system"].as_array().unwrap().len(), Permission::system_catalogue().count());
    for who in ["maintainer", "stranger", ALL] {
        assert_eq!(world.get(who, "/permissions").await.status, 403, "{who}");
    }
}
