//! Listing of keys in order, with keys below a delimiter rolled up.

use rusqlite::{Connection, Row, params};

use crate::s3::error::Error;

/// Which keys a page shall hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageRequest {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    /// Keys that hold it behind the prefix are rolled up into one common prefix.
    pub(crate) delimiter: Option<String>,
    /// The least key that may appear.
    pub(crate) from: String,
    pub(crate) max_entries: usize,
}

/// One page of a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) objects: Vec<Entry>,
    pub(crate) common_prefixes: Vec<String>,
    /// The `from` of the next page; absent when this is the last.
    pub(crate) next: Option<String>,
}

/// An object in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) size_bytes: u64,
    pub(crate) etag: String,
    pub(crate) created_ms: u64,
}

/// Lists one page. A common prefix costs one seek, however many keys it stands for.
pub(crate) fn list(connection: &Connection, request: &PageRequest) -> Result<Page, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT key, size_bytes, etag, created_ms FROM objects WHERE bucket = ?1 AND key >= ?2 ORDER BY key",
    )?;
    let mut page = Page::default();
    let mut from = Some(request.from.clone().max(request.prefix.clone()));
    while let Some(start) = from.take().filter(|_| request.max_entries > 0) {
        let mut rows = statement.query(params![request.bucket, start])?;
        let mut next = start;
        while let Some(row) = rows.next()? {
            let key: String = row.get(0)?;
            let Some(rest) = key.strip_prefix(&request.prefix) else { break };
            if page.objects.len() + page.common_prefixes.len() == request.max_entries {
                page.next = Some(next);
                break;
            }
            if let Some(rolled_up) = common_prefix(request, rest) {
                from = after_prefix(&rolled_up);
                page.common_prefixes.push(rolled_up);
                break;
            }
            next = after_key(&key);
            page.objects.push(entry(key, row)?);
        }
    }
    Ok(page)
}

/// The least text above `key`.
pub(crate) fn after_key(key: &str) -> String {
    format!("{key}\0")
}

/// The least text above all that start with `prefix`; absent when there is none.
pub(super) fn after_prefix(prefix: &str) -> Option<String> {
    let mut kept = prefix.to_owned();
    while let Some(last) = kept.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            kept.push(next);
            return Some(kept);
        }
    }
    None
}

fn common_prefix(request: &PageRequest, rest: &str) -> Option<String> {
    let delimiter = request.delimiter.as_deref()?;
    let end = rest.find(delimiter)? + delimiter.len();
    Some(format!("{}{}", request.prefix, &rest[..end]))
}

fn entry(key: String, row: &Row<'_>) -> Result<Entry, rusqlite::Error> {
    Ok(Entry { key, size_bytes: row.get(1)?, etag: row.get(2)?, created_ms: row.get(3)? })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::s3::{index::schema, options::SyncMode};

    /// What a page must hold, the slow way.
    fn model(keys: &BTreeSet<String>, request: &PageRequest) -> (Vec<String>, Vec<String>) {
        let mut objects = Vec::new();
        let mut common = BTreeSet::new();
        for key in keys.iter().filter(|key| key.starts_with(&request.prefix) && **key >= request.from) {
            match common_prefix(request, &key[request.prefix.len()..]) {
                Some(prefix) => drop(common.insert(prefix)),
                None => objects.push(key.clone()),
            }
        }
        (objects, common.into_iter().collect())
    }

    fn index(keys: &BTreeSet<String>) -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let connection = schema::open_writer(&folder.path().join("index.db"), SyncMode::Off).unwrap();
        for key in keys {
            connection
                .execute(
                    "INSERT INTO objects (bucket, key, size_bytes, etag, created_ms, checksums, attributes, segments)
                     VALUES ('b', ?1, 1, 'e', 2, '', '', '')",
                    [key],
                )
                .unwrap();
        }
        (folder, connection)
    }

    #[test]
    fn the_text_after_a_prefix() {
        for (prefix, expected) in [
            ("a/", Some("a0")),
            ("", None),
            ("\u{10FFFF}", None),
            ("a\u{10FFFF}", Some("b")),
            ("\u{D7FF}", Some("\u{E000}")),
        ] {
            assert_eq!(after_prefix(prefix).as_deref(), expected, "{prefix:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn pages_together_are_the_whole_listing(
            keys in prop::collection::btree_set("[ab/\u{10FFFF}é]{1,5}", 0..30),
            prefix in "[ab/]{0,2}",
            delimiter in prop::option::of(prop::sample::select(vec!["/", "b", "ab", "\u{10FFFF}"])),
            max_entries in 1_usize..8,
        ) {
            let (_folder, connection) = index(&keys);
            let delimiter = delimiter.map(str::to_owned);
            let mut request = PageRequest { bucket: "b".into(), prefix, delimiter, from: String::new(), max_entries };
            let expected = model(&keys, &request);
            let (mut objects, mut common) = (Vec::new(), Vec::new());
            loop {
                let page = list(&connection, &request).unwrap();
                prop_assert!(page.objects.len() + page.common_prefixes.len() <= max_entries);
                objects.extend(page.objects.into_iter().map(|entry| entry.key));
                common.extend(page.common_prefixes);
                let Some(next) = page.next else { break };
                prop_assert!(next > request.from);
                request.from = next;
            }
            prop_assert_eq!((objects, common), expected);
        }
    }
}
