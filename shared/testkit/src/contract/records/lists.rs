//! Lists of records.

use std::time::Duration;

use berth_records::{Key, Page, Range};
use berth_registry::StoreError;

use super::super::{Clause, Records, World};
use super::{MAX_DOCUMENT_BYTES, TTL_SECS, key, passing};

/// In byte order, which is that of UTF-8 and not that of UTF-16.
const SORTS: [&str; 12] = ["0", "10", "9", "A", "a", "a#", "a#1", "a#2", "a0", "b#1", "\u{fffd}", "🚢"];

async fn fill(records: &Records, sorts: &[&str]) -> Clause {
    for sort in sorts.iter().rev() {
        records.put(&key(sort), &format!("\"{sort}\"")).await?;
    }
    Ok(())
}

async fn page(records: &Records, range: Range<'_>, limit: usize) -> Result<Page, StoreError> {
    records.read.list("partition", range, limit).await
}

async fn sorts(records: &Records, range: Range<'_>, limit: usize) -> Result<(Vec<String>, bool), StoreError> {
    let page = page(records, range, limit).await?;
    Ok((page.records.into_iter().map(|record| record.key.sort).collect(), page.more))
}

/// What a list of `SORTS` should be.
fn expected(range: Range<'_>) -> Vec<String> {
    let is_behind = |sort: &str| match range.after {
        Some(after) if range.descending => sort < after,
        Some(after) => sort > after,
        None => true,
    };
    let mut found: Vec<String> = SORTS
        .iter()
        .filter(|sort| sort.starts_with(range.prefix) && is_behind(sort))
        .map(|&sort| sort.to_owned())
        .collect();
    if range.descending {
        found.reverse();
    }
    found
}

/// Nothing follows it either.
pub async fn an_empty_partition_has_an_empty_list(world: &impl World) -> Clause {
    let records = world.records();
    let nothing = Page { records: Vec::new(), more: false };
    records.put(&Key::new("another", "a"), "1").await?;
    for descending in [false, true] {
        for after in [None, Some("a")] {
            assert_eq!(page(&records, Range { prefix: "", after, descending }, 9).await?, nothing);
        }
    }
    Ok(())
}

/// Whole records, each once, upwards and downwards.
pub async fn records_are_listed_in_byte_order(world: &impl World) -> Clause {
    let records = world.records();
    fill(&records, &SORTS).await?;
    for descending in [false, true] {
        let range = Range { descending, ..Range::default() };
        assert_eq!(sorts(&world.records(), range, 99).await?, (expected(range), false));
        for record in page(&records, range, 99).await?.records {
            assert_eq!(record.document, format!("\"{}\"", record.key.sort));
            assert_eq!(records.one(&record.key).await?, Some(record));
        }
    }
    Ok(())
}

/// A sort key that is the prefix itself begins so too.
pub async fn a_list_keeps_to_its_prefix(world: &impl World) -> Clause {
    let records = world.records();
    fill(&records, &SORTS).await?;
    for prefix in ["a", "a#", "a#1", "b", "b#", "1", "\u{fffd}", "🚢", "c", "zz", "a#10"] {
        for descending in [false, true] {
            let range = Range { prefix, descending, after: None };
            assert_eq!(sorts(&records, range, 99).await?, (expected(range), false), "{range:?}");
        }
    }
    assert_eq!(expected(Range { prefix: "a#", ..Range::default() }), ["a#", "a#1", "a#2"]);
    Ok(())
}

/// After a place in the order, which need not be a record, nor one with the prefix.
pub async fn a_list_goes_on_after_a_place(world: &impl World) -> Clause {
    let records = world.records();
    fill(&records, &SORTS).await?;
    let long = "a#1".repeat(400);
    let places =
        ["", "!", "0", "5", "a", "a!", "a#", "a#1", "a#11", "a#2", "a$", "b#1", "🚢", "🚢🚢", &*long];
    for after in places.map(Some) {
        for prefix in ["", "a", "a#", "b#1"] {
            for descending in [false, true] {
                let range = Range { prefix, after, descending };
                assert_eq!(sorts(&records, range, 99).await?, (expected(range), false), "{range:?}");
            }
        }
    }
    Ok(())
}

/// Pages of every size, one after the other, give the whole list; a page tells whether more follow.
pub async fn a_list_comes_in_pages(world: &impl World) -> Clause {
    let records = world.records();
    fill(&records, &SORTS).await?;
    for descending in [false, true] {
        for prefix in ["", "a", "a#"] {
            let whole = expected(Range { prefix, after: None, descending });
            for limit in 1..=whole.len() + 1 {
                let mut found: Vec<String> = Vec::new();
                loop {
                    let after = found.last().cloned();
                    let range = Range { prefix, after: after.as_deref(), descending };
                    let (items, more) = sorts(&records, range, limit).await?;
                    assert!(items.len() == limit || !more, "a page before the last is full");
                    found.extend(items);
                    assert_eq!(more, found.len() < whole.len(), "{range:?}, pages of {limit}");
                    if !more {
                        break;
                    }
                }
                assert_eq!(found, whole, "{prefix}, pages of {limit}");
            }
        }
    }
    Ok(())
}

/// It tells whether there is anything.
pub async fn a_page_of_no_records(world: &impl World) -> Clause {
    let records = world.records();
    assert_eq!(sorts(&records, Range::default(), 0).await?, (Vec::new(), false));
    fill(&records, &["a"]).await?;
    assert_eq!(sorts(&records, Range::default(), 0).await?, (Vec::new(), true));
    let after = Range { after: Some("a"), ..Range::default() };
    assert_eq!(sorts(&records, after, 0).await?, (Vec::new(), false));
    Ok(())
}

/// They are not listed, do not fill pages, and nothing follows where only they do.
pub async fn expired_records_are_not_listed(world: &impl World) -> Clause {
    let records = world.records();
    for n in 0..30 {
        let name = key(&format!("{n:02}"));
        if n % 10 == 5 {
            records.put(&name, "1").await?;
        } else {
            records.write_all(vec![passing(world, &name, "1", TTL_SECS)]).await?;
        }
    }
    assert_eq!(page(&records, Range::default(), 99).await?.records.len(), 30);
    world.advance(Duration::from_secs(TTL_SECS));
    let listed = |range| sorts(&records, range, 2);
    let up = Range::default();
    let down = Range { descending: true, ..up };
    assert_eq!(listed(up).await?, (vec!["05".to_owned(), "15".to_owned()], true));
    assert_eq!(
        listed(Range { after: Some("05"), ..up }).await?,
        (vec!["15".to_owned(), "25".to_owned()], false)
    );
    assert_eq!(listed(Range { after: Some("15"), ..up }).await?, (vec!["25".to_owned()], false));
    assert_eq!(
        listed(Range { after: Some("17"), ..down }).await?,
        (vec!["15".to_owned(), "05".to_owned()], false)
    );
    assert_eq!(listed(Range { prefix: "2", ..down }).await?, (vec!["25".to_owned()], false));
    Ok(())
}

/// More than DynamoDB answers at once, which is 1 MB.
pub async fn a_list_of_large_documents(world: &impl World) -> Clause {
    let records = world.records();
    let document = format!("\"{}\"", "x".repeat(MAX_DOCUMENT_BYTES - 2));
    let names: Vec<String> = (0..9).map(|n| format!("{n}")).collect();
    for name in &names {
        records.put(&key(name), &document).await?;
    }
    assert_eq!(sorts(&records, Range::default(), 99).await?, (names.clone(), false));
    assert_eq!(sorts(&records, Range::default(), 8).await?, (names[..8].to_vec(), true));
    let found = page(&records, Range { descending: true, ..Range::default() }, 5).await?;
    assert!(found.more && found.records.iter().all(|record| record.document == document));
    Ok(())
}
