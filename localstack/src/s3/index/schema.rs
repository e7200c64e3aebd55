//! The layout of the index file and the connections to it.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::s3::{error::StoreError, options::SyncMode};

/// The version of [`TABLES`], kept in the file.
const LAYOUT: i64 = 1;

/// `objects.bytes` holds the content of a small object, `objects.segments` (JSON) names the files of any other.
/// `files.refs` counts how often the segments of objects and parts name a file.
const TABLES: &str = "
    CREATE TABLE buckets (
        name TEXT PRIMARY KEY,
        created_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE objects (
        id INTEGER PRIMARY KEY,
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        etag TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        checksums TEXT NOT NULL,
        attributes TEXT NOT NULL,
        segments TEXT NOT NULL,
        bytes BLOB,
        UNIQUE (bucket, key)
    ) STRICT;

    CREATE TABLE files (
        id TEXT PRIMARY KEY,
        refs INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE uploads (
        id TEXT PRIMARY KEY,
        bucket TEXT NOT NULL,
        key TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        algorithm TEXT,
        composite INTEGER NOT NULL,
        attributes TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE UNIQUE INDEX uploads_by_key ON uploads (bucket, key, id);

    CREATE TABLE parts (
        upload TEXT NOT NULL,
        number INTEGER NOT NULL,
        size_bytes INTEGER NOT NULL,
        etag TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        checksums TEXT NOT NULL,
        segments TEXT NOT NULL,
        PRIMARY KEY (upload, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        event TEXT NOT NULL
    ) STRICT;
";

/// For another process that looks into the file, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const STATEMENTS_CACHED: usize = 64;

/// Opens the one connection that writes, and creates the tables in a new file.
pub(super) fn open_writer(path: &Path, sync: SyncMode) -> Result<Connection, StoreError> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", if sync == SyncMode::Full { "FULL" } else { "NORMAL" })?;
    connection.pragma_update(None, "cache_size", -16_000)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    create_tables(&mut connection)?;
    Ok(connection)
}

/// Opens a connection that only reads. The file must exist.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(connection)
}

fn create_tables(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match transaction.pragma_query_value(None, "user_version", |row| row.get(0))? {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", LAYOUT)?;
        }
        LAYOUT => {}
        found => return Err(StoreError::Layout { found, needed: LAYOUT }),
    }
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_layout_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.db");
        open_writer(&path, SyncMode::Off).unwrap().pragma_update(None, "user_version", 7).unwrap();
        let error = open_writer(&path, SyncMode::Off).unwrap_err();
        assert!(matches!(error, StoreError::Layout { found: 7, needed: LAYOUT }), "{error:?}");
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.db");
        let _writer = open_writer(&path, SyncMode::Full).unwrap();
        let reader = open_reader(&path).unwrap();
        assert!(reader.execute("INSERT INTO buckets VALUES ('b', 0)", []).is_err());
    }
}
