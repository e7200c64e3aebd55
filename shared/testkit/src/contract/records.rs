//! [`RecordRead`](berth_records::RecordRead) and [`RecordWrite`](berth_records::RecordWrite): documents one by one.

mod expectations;
mod lists;
mod numbers;
mod writes;

use std::time::Duration;

use berth_records::{Change, Expect, Key, Record, Written};
use berth_registry::StoreError;

pub use expectations::*;
pub use lists::*;
pub use numbers::*;
pub use writes::*;

use super::{Clause, Records, World};

/// The longest documents and sort keys there may be.
const MAX_DOCUMENT_BYTES: usize = 300 << 10;
const MAX_SORT_BYTES: usize = 900;
const TTL_SECS: u64 = 3600;

/// A key in the partition of clauses that need but one.
fn key(sort: &str) -> Key {
    Key::new("partition", sort)
}

fn put(key: &Key, document: &str, expect: Expect) -> Change {
    Change::Put { key: key.clone(), document: document.to_owned(), expires_at_secs: None, expect }
}

/// A put that expires `secs` from now.
fn passing(world: &impl World, key: &Key, document: &str, secs: u64) -> Change {
    let expires_at_secs = Some(world.ports().clock.now_secs() + secs);
    Change::Put { key: key.clone(), document: document.to_owned(), expires_at_secs, expect: Expect::Anything }
}

impl Records {
    async fn one(&self, key: &Key) -> Result<Option<Record>, StoreError> {
        let mut found = self.read.get(std::slice::from_ref(key)).await?;
        assert_eq!(found.len(), 1, "one answer for one key");
        Ok(found.remove(0))
    }

    async fn document(&self, key: &Key) -> Result<Option<String>, StoreError> {
        Ok(self.one(key).await?.map(|record| record.document))
    }

    /// Writes, with nobody else there and nothing that could be in the way.
    async fn write_all(&self, changes: Vec<Change>) -> Clause {
        assert_eq!(self.write.write(changes).await?, Written::Written, "nothing is in the way");
        Ok(())
    }

    /// The revision that the record has after it was put.
    async fn put(&self, key: &Key, document: &str) -> Result<String, StoreError> {
        self.write_all(vec![put(key, document, Expect::Anything)]).await?;
        let record = self.one(key).await?.expect("it was just put");
        assert_eq!(record.document, document);
        Ok(record.revision)
    }
}

/// Alone, among others, and where nothing is asked for.
pub async fn an_absent_record_is_none(world: &impl World) -> Clause {
    let records = world.records();
    assert_eq!(records.read.get(&[]).await?, []);
    assert_eq!(records.one(&key("a")).await?, None);
    records.put(&key("b"), "{}").await?;
    assert_eq!(records.read.get(&[key("a"), key("c"), key("bb")]).await?, [None, None, None]);
    Ok(())
}

/// Key and document, by every handle, also after it was replaced.
pub async fn a_record_reads_back(world: &impl World) -> Clause {
    let records = world.records();
    for document in [r#"{"name":"one"}"#, r#"{"name":"another"}"#, "[]"] {
        let revision = records.put(&key("a"), document).await?;
        let expected = Record { key: key("a"), revision, document: document.to_owned() };
        assert_eq!(world.records().one(&key("a")).await?, Some(expected));
    }
    Ok(())
}

/// Whatever the order of the sort keys, and with gaps.
pub async fn records_come_in_the_order_of_the_keys_asked_for(world: &impl World) -> Clause {
    let records = world.records();
    for name in ["a", "b", "c", "d"] {
        records.put(&key(name), &format!("\"{name}\"")).await?;
    }
    let wanted = ["d", "none", "a", "c", "nil", "b"];
    let found = records.read.get(&wanted.map(key)).await?;
    let found: Vec<_> = found.iter().map(|record| record.as_ref().map(|record| &*record.key.sort)).collect();
    assert_eq!(found, [Some("d"), None, Some("a"), Some("c"), None, Some("b")]);
    Ok(())
}

/// As many as one read takes, of two partitions.
pub async fn a_hundred_records_are_read_at_once(world: &impl World) -> Clause {
    let records = world.records();
    let keys: Vec<Key> = (0..100).rev().map(|n| Key::new(format!("p{}", n % 2), format!("{n:03}"))).collect();
    for key in keys.iter().step_by(3) {
        records.put(key, &format!("\"{}\"", key.sort)).await?;
    }
    let found = records.read.get(&keys).await?;
    assert_eq!(found.len(), keys.len());
    for (n, (key, record)) in keys.iter().zip(found).enumerate() {
        assert_eq!(record.is_some(), n.is_multiple_of(3), "{key:?}");
        assert!(record.is_none_or(|record| record.key == *key && record.document.contains(&key.sort)));
    }
    Ok(())
}

/// In partitions, in sort keys and in documents.
pub async fn any_text_reads_back(world: &impl World) -> Clause {
    let records = world.records();
    let texts = [
        "plain",
        "Ünïcödé",
        "日本語",
        "🚢⚓",
        "e\u{301}",
        "é",
        "עברית",
        "a#b/c d\"e\\f'g%h:i",
        "\t\n\r",
        "\u{fffd}",
    ];
    for text in texts {
        let document = format!("{{\"text\":{}}}", serde_json::Value::from(text));
        for key in [Key::new(text, "s"), key(text)] {
            let revision = records.put(&key, &document).await?;
            let expected = Record { key: key.clone(), revision, document: document.clone() };
            assert_eq!(world.records().one(&key).await?, Some(expected));
        }
    }
    // Nothing that looks alike was taken for the same.
    assert_eq!(
        records.read.list("partition", berth_records::Range::default(), 99).await?.records.len(),
        texts.len()
    );
    Ok(())
}

/// One beside another, so that neither is cut.
pub async fn the_longest_keys_and_documents(world: &impl World) -> Clause {
    let records = world.records();
    let sort = |last: char| format!("{}{last}", "k".repeat(MAX_SORT_BYTES - 1));
    let document = |fill: &str| format!("\"{}\"", fill.repeat(MAX_DOCUMENT_BYTES - 2));
    for (last, fill) in [('a', "x"), ('b', "y")] {
        records.put(&key(&sort(last)), &document(fill)).await?;
    }
    let found = records.read.get(&[key(&sort('b')), key(&sort('a'))]).await?;
    let is_found = |n: usize, fill| found[n].as_ref().is_some_and(|record| record.document == document(fill));
    assert!(is_found(0, "y") && is_found(1, "x"), "the documents differ");
    let (prefix, after) = (sort('a'), sort('a'));
    let range = berth_records::Range {
        prefix: &prefix[..MAX_SORT_BYTES - 1],
        after: Some(&after),
        descending: false,
    };
    let page = records.read.list("partition", range, 9).await?;
    assert_eq!((page.records.len(), page.more), (1, false));
    assert_eq!(page.records[0].key, key(&sort('b')));
    Ok(())
}

/// Names of partitions that begin alike, or that end where sort keys begin.
pub async fn partitions_do_not_mix(world: &impl World) -> Clause {
    let records = world.records();
    let keys = [("a", "b#c"), ("a#b", "c"), ("ab", "c"), ("b", "b#c")].map(|(p, s)| Key::new(p, s));
    for key in &keys {
        assert_eq!(records.one(key).await?, None, "{key:?}");
        records.put(key, &format!("\"{} {}\"", key.partition, key.sort)).await?;
    }
    for key in &keys {
        let page = records.read.list(&key.partition, berth_records::Range::default(), 9).await?;
        assert_eq!(page.records.len(), 1, "{key:?}");
        assert_eq!(page.records[0].document, format!("\"{} {}\"", key.partition, key.sort));
    }
    records.write_all(vec![Change::delete(keys[0].clone())]).await?;
    let found = records.read.get(&keys).await?;
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, true, true]);
    Ok(())
}

/// From its second on it is as if it had never been, whether or not a sweeper has come by.
pub async fn an_expired_record_is_absent(world: &impl World) -> Clause {
    let records = world.records();
    records.put(&key("lasting"), "1").await?;
    records.write_all(vec![passing(world, &key("passing"), "2", TTL_SECS)]).await?;
    world.advance(Duration::from_secs(TTL_SECS - 1));
    assert_eq!(records.document(&key("passing")).await?.as_deref(), Some("2"));
    assert_eq!(records.read.get(&[key("passing"), key("lasting")]).await?.iter().flatten().count(), 2);
    world.advance(Duration::from_secs(1));
    let reader = world.records();
    assert_eq!(reader.one(&key("passing")).await?, None);
    let both = reader.read.get(&[key("passing"), key("lasting")]).await?;
    assert_eq!(both.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
    Ok(())
}

/// A put says anew when the record expires.
pub async fn the_last_put_decides_about_expiry(world: &impl World) -> Clause {
    let records = world.records();
    for name in ["longer", "for ever", "shorter"] {
        records.write_all(vec![passing(world, &key(name), "1", 10)]).await?;
    }
    records.write_all(vec![passing(world, &key("longer"), "2", 30)]).await?;
    records.put(&key("for ever"), "2").await?;
    records.write_all(vec![passing(world, &key("shorter"), "2", 5)]).await?;
    for (advance_secs, expected) in
        [(5, [true, true, false]), (15, [true, true, false]), (10, [false, true, false])]
    {
        world.advance(Duration::from_secs(advance_secs));
        let found = records.read.get(&["longer", "for ever", "shorter"].map(key)).await?;
        assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), expected);
    }
    Ok(())
}
