//! Tags, repositories and referrers in pages.

use berth_protocol::{Digest, Page};
use berth_registry::{Authorizer, Caller, OpenAccess};
use berth_testkit::build::{artifact, image, repository};

use crate::registry::{TestRegistry, app, may_pull};

fn page(n: u32, last: Option<String>) -> Page {
    Page { n: Some(n), last }
}

#[tokio::test]
async fn tags_of_a_repository_that_does_not_exist_are_none() -> anyhow::Result<()> {
    let test = TestRegistry::new();
    assert_eq!(test.registry.list_tags(&may_pull(&app()).await, &Page::default()).await?, None);
    test.push(&app(), &image().build(), &["b", "a", "c"]).await?;
    let tags = test.registry.list_tags(&may_pull(&app()).await, &page(2, Some("a".to_owned()))).await?;
    let tags = tags.expect("the repository exists");
    assert_eq!(tags.items.iter().map(ToString::to_string).collect::<Vec<_>>(), ["b", "c"]);
    assert!(!tags.more);
    Ok(())
}

#[tokio::test]
async fn repositories_are_listed_once_something_is_pushed() -> anyhow::Result<()> {
    let test = TestRegistry::new();
    let permit = OpenAccess.catalog(&Caller::Anonymous).await?;
    test.upload_blobs(&app(), &image().build()).await?;
    assert_eq!(test.registry.list_repositories(&permit, &Page::default()).await?.items, []);
    for name in ["b", "a"] {
        test.push(&repository(name), &image().build(), &[]).await?;
    }
    let listed = test.registry.list_repositories(&permit, &page(1, None)).await?;
    assert_eq!((listed.items, listed.more), (vec![repository("a")], true));
    Ok(())
}

#[tokio::test]
async fn referrers_of_a_type_are_found_however_many_others_there_are() -> anyhow::Result<()> {
    let (test, subject) = (TestRegistry::new(), image().layer("layer").build());
    let mut wanted: Vec<Digest> = Vec::new();
    for n in 0..130 {
        let artifact_type = if n % 40 == 7 { "wanted" } else { "other" };
        let referrer = artifact(&subject, artifact_type).annotation("n", n.to_string()).build();
        test.push(&app(), &referrer, &[]).await?;
        wanted.extend((artifact_type == "wanted").then_some(referrer.digest));
    }
    wanted.sort();
    for n in [1, 2, 3, 10, 1000] {
        assert_eq!(of_type(&test, &subject.digest, "wanted", n).await?, wanted, "pages of {n}");
        assert_eq!(of_type(&test, &subject.digest, "absent", n).await?, []);
    }
    Ok(())
}

/// All pages. One may be empty while more follow.
async fn of_type(
    test: &TestRegistry,
    subject: &Digest,
    artifact_type: &str,
    n: u32,
) -> anyhow::Result<Vec<Digest>> {
    let permit = may_pull(&app()).await;
    let (mut found, mut page) = (Vec::new(), page(n, None));
    loop {
        let referrers = test.registry.list_referrers(&permit, subject, Some(artifact_type), &page).await?;
        found.extend(referrers.items.into_iter().map(|descriptor| descriptor.digest));
        match referrers.next {
            Some(next) => page.last = Some(next),
            None => return Ok(found),
        }
    }
}
