//! What holds for every data set: it can be pushed, listed, read, referred to, and deleted.

use berth_tests::Mode;
use serde_json::Value;

use crate::blobs::check_readable;
use crate::data::{DataSet, INDEX, Pushed};
use crate::repository::Repository;
use crate::uploads::Flow;

/// Takes the set through its whole life, in a repository of its own. [list-order]
pub(crate) fn check(mode: Mode, name: &str, set: &DataSet) {
    let repository = push(mode, name, set);
    check_tag_list(&repository, set);
    check_reading(&repository, set);
    check_referrers(&repository, set);
    delete(&repository, set);
}

/// Pushes the blobs, each in another way, then the manifests by digest, then the tags.
pub(crate) fn push(mode: Mode, name: &str, set: &DataSet) -> Repository {
    let repository = Repository::new(mode, name);
    for ((digest, content), flow) in set.blobs.iter().zip(Flow::ALL.iter().cycle()) {
        flow.upload(&repository, digest, content).is(201);
    }
    for (place, manifest) in set.manifests.iter().enumerate() {
        let tags: Vec<&str> = tags_of(set, place).filter(|_| set.with_tag_parameters).collect();
        put(&repository, &manifest.digest, manifest, &tags);
    }
    if !set.with_tag_parameters {
        for (tag, place) in &set.tags {
            put(&repository, tag, &set.manifests[*place], &[]);
        }
    }
    repository
}

fn tags_of(set: &DataSet, place: usize) -> impl Iterator<Item = &str> {
    set.tags.iter().filter(move |(_, tagged)| *tagged == place).map(|(tag, _)| tag.as_str())
}

fn put(repository: &Repository, reference: &str, manifest: &Pushed, tags: &[&str]) {
    let stored = repository.put_manifest(reference, manifest.media_type(), &manifest.body, tags).is(201);
    assert_eq!(stored.header("docker-content-digest"), Some(manifest.digest.as_str()));
    assert_eq!(
        stored.header("oci-subject"),
        manifest.subject(),
        "a registry with referrers says that it saw the subject"
    );
    let accepted = stored.header_list("oci-tag");
    assert!(
        tags.iter().all(|tag| accepted.contains(tag)),
        "tags {tags:?} were asked for and {accepted:?} accepted"
    );
    let read = repository.get_url(&stored.location()).is(200);
    read.has_body(&manifest.body).has("content-type", manifest.media_type());
}

fn check_tag_list(repository: &Repository, set: &DataSet) {
    let list = repository.get("tags/list").is(200).json();
    let mut expected: Vec<&str> = set.tags.iter().map(|(tag, _)| tag.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(list["name"], repository.name());
    assert_eq!(list["tags"], Value::from(expected));
}

fn check_reading(repository: &Repository, set: &DataSet) {
    let by_tag = set.tags.iter().map(|(tag, place)| (tag.as_str(), &set.manifests[*place]));
    let by_digest = set.manifests.iter().map(|manifest| (manifest.digest.as_str(), manifest));
    for (reference, manifest) in by_tag.chain(by_digest) {
        let path = format!("manifests/{reference}");
        let head = repository.head(&path).is(200).has_length_of(&manifest.body);
        let got = repository.get(&path).is(200).has_body(&manifest.body);
        for answer in [head, got] {
            answer.has("content-type", manifest.media_type()).has("docker-content-digest", &manifest.digest);
        }
    }
    for (digest, content) in &set.blobs {
        check_readable(repository, digest, content);
    }
}

fn check_referrers(repository: &Repository, set: &DataSet) {
    let referrers = |subject: &str| -> Vec<&Pushed> {
        set.manifests.iter().filter(|manifest| manifest.subject() == Some(subject)).collect()
    };
    for subject in set.manifests.iter().filter_map(Pushed::subject) {
        let all = referrers(subject);
        check_listed(&list_referrers(repository, subject, None), &all);
        for artifact_type in all.iter().filter_map(|manifest| manifest.artifact_type()) {
            let matching: Vec<_> = all
                .iter()
                .copied()
                .filter(|manifest| manifest.artifact_type() == Some(artifact_type))
                .collect();
            check_listed(&list_referrers(repository, subject, Some(artifact_type)), &matching);
        }
        assert!(list_referrers(repository, subject, Some("application/vnd.example.none")).is_empty());
    }
}

/// The descriptors that the registry lists for `subject`.
pub(crate) fn list_referrers(
    repository: &Repository,
    subject: &str,
    artifact_type: Option<&str>,
) -> Vec<Value> {
    let mut url = repository.url(&format!("referrers/{subject}"));
    if let Some(artifact_type) = artifact_type {
        url.query_pairs_mut().append_pair("artifactType", artifact_type);
    }
    let answer = repository.get_url(&url).is(200).has("content-type", INDEX);
    if artifact_type.is_some() {
        assert!(
            answer.header_list("oci-filters-applied").contains(&"artifactType"),
            "the filter was not applied"
        );
    }
    let index = answer.json();
    assert_eq!((&index["schemaVersion"], &index["mediaType"]), (&Value::from(2), &Value::from(INDEX)));
    index["manifests"].as_array().expect("an index has manifests").clone()
}

fn check_listed(listed: &[Value], expected: &[&Pushed]) {
    assert_eq!(listed.len(), expected.len(), "{listed:#?}");
    for manifest in expected {
        let digest = manifest.digest.as_str();
        let found = listed.iter().find(|descriptor| descriptor["digest"] == digest);
        let found = found.unwrap_or_else(|| panic!("{digest} is not listed: {listed:#?}"));
        assert_eq!(found["mediaType"], manifest.media_type());
        assert_eq!(found["size"], manifest.body.len());
        assert_eq!(found["artifactType"].as_str(), manifest.artifact_type());
        assert_eq!(found["annotations"], manifest.document["annotations"]);
    }
}

/// Deletes tags, manifests and blobs; everything is gone at once, and a referrer is no longer listed.
fn delete(repository: &Repository, set: &DataSet) {
    for (tag, _) in &set.tags {
        repository.delete_at_once(&format!("manifests/{tag}"));
    }
    for manifest in set.manifests.iter().rev() {
        repository.delete_at_once(&format!("manifests/{}", manifest.digest));
        if let Some(subject) = manifest.subject() {
            let listed = list_referrers(repository, subject, None);
            assert!(listed.iter().all(|descriptor| descriptor["digest"] != manifest.digest.as_str()));
        }
    }
    for (digest, _) in &set.blobs {
        repository.delete_at_once(&format!("blobs/{digest}"));
    }
}
