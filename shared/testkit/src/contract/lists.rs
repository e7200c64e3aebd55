//! [`TagList`](berth_registry::ports::TagList) and [`RepositoryList`](berth_registry::ports::RepositoryList).

use berth_registry::ports::ListPage;
use berth_registry::{Ports, StoreError};

use super::support::{app, nth_image, numbered_tags, push, tags};
use super::{Clause, World};
use crate::build::{repository, tag};

/// In byte order.
const NAMES: [&str; 9] = ["0.1", "1", "A", "Z", "_x", "a", "a-1", "a.1", "b"];

/// A repository exists from its first commit on.
pub async fn a_repository_that_does_not_exist_has_no_list(world: &impl World) -> Clause {
    let ports = world.ports();
    assert_eq!(ports.tags.list(&app(), None, 10).await?, None);
    push(&ports, &repository("team/app-2"), &nth_image(0), &tags(&["a"])).await?;
    push(&ports, &repository("team"), &nth_image(0), &tags(&["a"])).await?;
    assert_eq!(ports.tags.list(&app(), None, 10).await?, None);
    Ok(())
}

/// Existing and having tags are two things.
pub async fn a_repository_without_tags_has_an_empty_list(world: &impl World) -> Clause {
    let ports = world.ports();
    let nothing = Some(ListPage { items: Vec::new(), more: false });
    push(&ports, &app(), &nth_image(0), &[]).await?;
    assert_eq!(ports.tags.list(&app(), None, 10).await?, nothing);
    push(&ports, &app(), &nth_image(0), &tags(&["a"])).await?;
    ports.manifest_delete.delete_tag(&app(), &tag("a")).await?;
    assert_eq!(ports.tags.list(&app(), None, 10).await?, nothing);
    Ok(())
}

/// Upper case comes before lower case, as bytes do.
pub async fn tags_are_in_byte_order(world: &impl World) -> Clause {
    let ports = world.ports();
    let mut names = NAMES;
    names.reverse();
    push(&ports, &app(), &nth_image(0), &tags(&names)).await?;
    assert_eq!(tag_page(&world.ports(), None, 100).await?, (owned(&NAMES), false));
    Ok(())
}

/// Pages of every size, one after the other, give the whole list.
pub async fn tags_in_pages(world: &impl World) -> Clause {
    let ports = world.ports();
    push(&ports, &app(), &nth_image(0), &tags(&NAMES)).await?;
    for limit in [1, 2, 3, NAMES.len() - 1, NAMES.len(), NAMES.len() + 1] {
        assert_eq!(all_tags(&ports, limit).await?, NAMES, "pages of {limit}");
    }
    Ok(())
}

/// `after` is a place in the order, not an entry; past the end there is nothing.
pub async fn a_page_begins_after_a_tag_that_does_not_exist(world: &impl World) -> Clause {
    let ports = world.ports();
    push(&ports, &app(), &nth_image(0), &tags(&["b", "d", "f"])).await?;
    let table: [(&str, &[&str]); 6] = [
        ("a", &["b", "d", "f"]),
        ("b", &["d", "f"]),
        ("b-", &["d", "f"]),
        ("e", &["f"]),
        ("f", &[]),
        ("zzz", &[]),
    ];
    for (after, expected) in table {
        assert_eq!(tag_page(&ports, Some(after), 10).await?, (owned(expected), false), "after {after}");
    }
    Ok(())
}

/// Names that begin alike do not mix.
pub async fn tags_are_of_one_repository(world: &impl World) -> Clause {
    let ports = world.ports();
    for name in ["team", "team/app", "team/app/x", "team/app-2"] {
        push(&ports, &repository(name), &nth_image(0), &[tag(&name.replace('/', "_"))]).await?;
    }
    assert_eq!(tag_page(&ports, None, 10).await?, (vec!["team_app".to_owned()], false));
    Ok(())
}

/// A client may ask for a page of none.
pub async fn no_tags_are_a_page_too(world: &impl World) -> Clause {
    let ports = world.ports();
    push(&ports, &app(), &nth_image(0), &tags(&["a"])).await?;
    assert_eq!(tag_page(&ports, None, 0).await?.0, Vec::<String>::new());
    assert_eq!(ports.repositories.list(None, 0).await?.items, []);
    Ok(())
}

/// More than one commit can bring.
pub async fn many_tags(world: &impl World) -> Clause {
    let ports = world.ports();
    let all = numbered_tags(150);
    for some in all.chunks(30) {
        push(&ports, &app(), &nth_image(0), some).await?;
    }
    let expected: Vec<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(tag_page(&ports, None, 1000).await?, (expected.clone(), false));
    assert_eq!(all_tags(&ports, 40).await?, expected);
    Ok(())
}

/// An empty registry has an empty catalog.
pub async fn no_repositories_at_first(world: &impl World) -> Clause {
    assert_eq!(world.ports().repositories.list(None, 10).await?, ListPage { items: Vec::new(), more: false });
    Ok(())
}

/// In byte order, whole names, each once however often it is pushed to.
pub async fn repositories_are_in_byte_order(world: &impl World) -> Clause {
    let ports = world.ports();
    for name in ["b", "a/b", "a-b", "a", "a/a", "a.b", "a/b"] {
        push(&ports, &repository(name), &nth_image(0), &tags(&["t"])).await?;
    }
    assert_eq!(
        repository_page(&world.ports(), None, 10).await?,
        (owned(&["a", "a-b", "a.b", "a/a", "a/b", "b"]), false)
    );
    Ok(())
}

/// Pages, also after a name that does not exist.
pub async fn repositories_in_pages(world: &impl World) -> Clause {
    let ports = world.ports();
    for name in ["a", "b", "d", "e"] {
        push(&ports, &repository(name), &nth_image(0), &[]).await?;
    }
    assert_eq!(repository_page(&ports, None, 2).await?, (owned(&["a", "b"]), true));
    assert_eq!(repository_page(&ports, Some("b"), 2).await?, (owned(&["d", "e"]), false));
    assert_eq!(repository_page(&ports, Some("c"), 1).await?, (owned(&["d"]), true));
    assert_eq!(repository_page(&ports, Some("e"), 1).await?, (Vec::new(), false));
    Ok(())
}

async fn tag_page(
    ports: &Ports,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<String>, bool), StoreError> {
    let page = ports.tags.list(&app(), after, limit).await?.expect("the repository exists");
    Ok((page.items.iter().map(ToString::to_string).collect(), page.more))
}

async fn all_tags(ports: &Ports, limit: usize) -> Result<Vec<String>, StoreError> {
    let mut all: Vec<String> = Vec::new();
    loop {
        let (items, more) = tag_page(ports, all.last().map(String::as_str), limit).await?;
        assert!(items.len() == limit || !more, "a page before the last is full");
        assert!(items.is_empty() || items.first() > all.last(), "a page begins behind the last one");
        all.extend(items);
        if !more {
            return Ok(all);
        }
    }
}

async fn repository_page(
    ports: &Ports,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<String>, bool), StoreError> {
    let page = ports.repositories.list(after, limit).await?;
    Ok((page.items.iter().map(ToString::to_string).collect(), page.more))
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
