use serde_json::json;

use super::*;
use crate::admin::fake::Fake;

fn page_of(line: &str) -> usize {
    let (_, rest) = line.split_once("page=").unwrap();
    rest.split('&').next().unwrap().parse().unwrap()
}

fn items(count: usize) -> String {
    Value::from(vec![json!({}); count]).to_string()
}

#[tokio::test]
async fn lists_are_followed_to_their_end() {
    // How many items the pages have, whether the total is told, and how many requests that takes.
    let table: [(&[usize], bool, usize); 7] = [
        (&[0], true, 1),
        (&[7], true, 1),
        (&[100], true, 1),
        (&[100, 50], true, 2),
        (&[100, 50], false, 2),
        (&[100, 100, 0], false, 3),
        // A registry that gives fewer than it is asked for.
        (&[10, 10, 5], true, 3),
    ];
    for (pages, is_told, requests) in table {
        let total = is_told.then(|| pages.iter().sum());
        let fake = Fake::start(move |seen| {
            let count = pages.get(page_of(&seen.line) - 1).copied().unwrap_or_default();
            (200, total, items(count))
        });
        let fake = fake.await;
        let found = fake.api(true).list(&["users"], &[("q", "a=b c")]).await.unwrap();
        assert_eq!(found.len(), pages.iter().sum::<usize>(), "{pages:?}");
        assert_eq!(fake.seen().len(), requests, "{pages:?}");
        assert_eq!(fake.seen()[0].line, "GET /api/v2.0/users?q=a%3Db+c&page=1&page_size=100");
    }
}

#[tokio::test]
async fn a_list_that_shrinks_while_it_is_read_ends() {
    let fake =
        Fake::start(|seen| (200, Some(500), items(if page_of(&seen.line) == 1 { 100 } else { 0 }))).await;
    assert_eq!(fake.api(true).list(&["users"], &[]).await.unwrap().len(), 100);
}

#[tokio::test]
async fn credentials_are_sent_at_once_and_paths_are_encoded() {
    let fake = Fake::start(|_| (200, None, "{}".to_owned())).await;
    fake.api(true).get(&["projects", "a/b?c#d%e"]).await.unwrap();
    fake.api(false).get(&["projects", "x"]).await.unwrap();
    let seen = fake.seen();
    assert_eq!(seen[0].line, "GET /api/v2.0/projects/a%2Fb%3Fc%23d%25e");
    assert_eq!(seen[0].authorization.as_deref(), Some("Basic YW5uOlNlY3JldDE="));
    assert_eq!((seen.len(), seen[1].authorization.as_deref()), (2, None));
}

#[tokio::test]
async fn refusals_are_told_in_the_words_of_the_registry() {
    let error = |code: &str| format!(r#"{{"errors":[{{"code":"{code}","message":"so it is"}}]}}"#);
    for (status, body, expected) in [
        (409, error("CONFLICT"), "CONFLICT: so it is"),
        (412, error("PRECONDITION"), "PRECONDITION: so it is"),
        (403, "<html>".to_owned(), "403 Forbidden: http://127.0.0.1:"),
        (401, error("UNAUTHORIZED"), "UNAUTHORIZED: so it is. Sign in with `berth login 127.0.0.1:"),
        (500, error("UNKNOWN"), "UNKNOWN: so it is"),
        (200, "<html>".to_owned(), "UNEXPECTED: http://127.0.0.1:"),
        (200, "{}".to_owned(), "UNEXPECTED: http://127.0.0.1:"),
    ] {
        let fake = Fake::start(move |_| (status, None, body.clone())).await;
        let error = fake.api(true).list(&["projects"], &[]).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_eq!(error.code(), 1);
        assert_eq!(fake.seen().len(), 1, "wrong passwords are counted: none is sent twice");
    }
}

#[tokio::test]
async fn nothing_is_made_twice() {
    let fake = Fake::start(|_| (503, None, String::new())).await;
    let api = fake.api(true);
    let body = json!({ "password": "Secret1" });
    assert!(api.post(&["users"], &body).await.is_err());
    assert!(api.patch(&["robots", "1"], &body).await.is_err());
    assert!(api.delete(&["robots", "1"]).await.is_err());
    assert_eq!(fake.seen().len(), 3);
    let call = api.call(Method::POST, &["users"], Some(&body)).unwrap();
    assert!(!format!("{call:?}").contains("Secret1"));
}
