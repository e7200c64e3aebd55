//! The list of tags, page by page.

use std::thread;

use berth_tests::{Mode, in_all_modes};
use reqwest::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::data::{DataSet, Layers, MANIFEST};
use crate::lifecycle;
use crate::repository::Repository;

in_all_modes!(
    the_list_comes_in_pages,
    the_list_starts_after_last,
    the_list_can_be_empty,
    one_manifest_is_tagged_by_many_at_once,
);

const TAGS: [&str; 7] = ["Latest", "_internal", "v1", "v1.0", "v1.10", "v1.9", "v2"];

fn the_list_comes_in_pages(mode: Mode) {
    let repository = tagged(mode, "pages");
    for size in 1..=TAGS.len() + 1 {
        let mut url = repository.url(&format!("tags/list?n={size}"));
        let mut listed = Vec::new();
        loop {
            let page = repository.get_url(&url).is(200);
            let tags = tags(&page);
            assert!(tags.len() <= size, "{} tags on a page of {size}", tags.len());
            listed.extend(tags);
            let Some(next) = page.header("link").map(next_target) else { break };
            url = url.join(&next).expect("the link is a URL");
        }
        assert_eq!(listed, TAGS, "in pages of {size}");
    }
}

fn the_list_starts_after_last(mode: Mode) {
    let repository = tagged(mode, "last");
    for (place, last) in TAGS.iter().enumerate() {
        let page = repository.get(&format!("tags/list?last={last}")).is(200);
        assert_eq!(tags(&page), TAGS[place + 1..], "after {last}");
        let page = repository.get(&format!("tags/list?n=2&last={last}")).is(200);
        assert_eq!(tags(&page), TAGS[place + 1..TAGS.len().min(place + 3)], "two after {last}");
    }
    // The specification does not ask for `last` to be a tag.
    assert_eq!(tags(&repository.get("tags/list?last=v1.5").is(200)), ["v1.9", "v2"]);
}

fn the_list_can_be_empty(mode: Mode) {
    let repository = tagged(mode, "no-tags");
    assert!(tags(&repository.get("tags/list?n=0").is(200)).is_empty());
    for tag in TAGS {
        repository.delete_at_once(&format!("manifests/{tag}"));
    }
    assert!(tags(&repository.get("tags/list").is(200)).is_empty());
}

/// A release job tags one image many times; nobody is told to try again.
fn one_manifest_is_tagged_by_many_at_once(mode: Mode) {
    let repository = tagged(mode, "together");
    let body = repository.get("manifests/v1").is(200).body;
    let put = |worker: usize| {
        for number in 0..25 {
            let url = repository.url(&format!("manifests/w{worker}-{number:02}"));
            repository.send(Method::PUT, &url, &[("content-type", MANIFEST)], body.clone()).is(201);
        }
    };
    thread::scope(|scope| {
        for worker in 0..8 {
            scope.spawn(move || put(worker));
        }
    });
    assert_eq!(tags(&repository.get("tags/list").is(200)).len(), TAGS.len() + 8 * 25);
}

fn tagged(mode: Mode, name: &str) -> Repository {
    let set = DataSet::new(name).image(Layers::Gzip(1), json!({}));
    let set = TAGS.iter().fold(set, |set, tag| set.tag(tag));
    lifecycle::push(mode, name, &set)
}

fn tags(page: &Answer) -> Vec<String> {
    let list: Value = page.json();
    let tags = list["tags"].as_array().expect("a tag list has tags").iter();
    tags.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The target of `<target>; rel="next"`.
fn next_target(link: &str) -> String {
    let (target, relation) = link.split_once('>').expect("a link has its target in brackets");
    assert!(relation.contains(r#"rel="next""#), "{link}");
    target.trim_start_matches('<').to_owned()
}
