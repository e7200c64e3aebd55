//! Buckets and objects.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};
use s3s::S3ErrorCode;

use super::{Change, Event};
use crate::s3::{
    attributes::Attributes,
    checksums::Checksums,
    conditions::{Version, WriteConditions},
    data::Segment,
    error::Error,
};

/// An object without its name.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) size_bytes: u64,
    pub(crate) etag: String,
    pub(crate) created_ms: u64,
    pub(crate) checksums: Checksums,
    pub(crate) attributes: Attributes,
    pub(crate) body: Body,
}

/// Where the content of an object is.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// In the row.
    Inline(Bytes),
    /// In data files.
    Files(Vec<Segment>),
}

impl Body {
    fn segments(&self) -> &[Segment] {
        match self {
            Self::Inline(_) => &[],
            Self::Files(segments) => segments,
        }
    }

    fn inline(&self) -> Option<&[u8]> {
        match self {
            Self::Inline(bytes) => Some(bytes),
            Self::Files(_) => None,
        }
    }
}

impl Object {
    /// What a condition is tested against.
    pub(crate) fn version(&self) -> Version<'_> {
        Version { etag: &self.etag, created_ms: self.created_ms }
    }

    /// Whether the content came in parts.
    pub(crate) fn parts_count(&self) -> Option<i32> {
        self.etag.split_once('-').and_then(|(_, count)| count.parse().ok())
    }
}

/// Refuses when the bucket does not exist.
pub(crate) fn require_bucket(connection: &Connection, bucket: &str) -> Result<(), Error> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM buckets WHERE name = ?1")?;
    let found = statement.query_row([bucket], |_| Ok(())).optional()?;
    found.ok_or(Error::refused(S3ErrorCode::NoSuchBucket, "the bucket does not exist"))
}

/// The object of that name. Refuses when it, or the bucket, does not exist.
pub(crate) fn find(connection: &Connection, bucket: &str, key: &str) -> Result<Object, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT size_bytes, etag, created_ms, checksums, attributes, segments, bytes FROM objects
         WHERE bucket = ?1 AND key = ?2",
    )?;
    let Some(object) = statement.query_row([bucket, key], |row| Ok(decode(row))).optional()? else {
        require_bucket(connection, bucket)?;
        return Err(Error::refused(S3ErrorCode::NoSuchKey, "the object does not exist"));
    };
    object
}

fn decode(row: &Row<'_>) -> Result<Object, Error> {
    let text = |column: usize| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    let body = match row.get::<_, Option<Vec<u8>>>(6)? {
        Some(bytes) => Body::Inline(bytes.into()),
        None => Body::Files(serde_json::from_str(text(5)?)?),
    };
    Ok(Object {
        size_bytes: row.get(0)?,
        etag: row.get(1)?,
        created_ms: row.get(2)?,
        checksums: serde_json::from_str(text(3)?)?,
        attributes: serde_json::from_str(text(4)?)?,
        body,
    })
}

/// What a write has to know of the object that it replaces.
struct Current {
    etag: String,
    created_ms: u64,
    segments: Vec<Segment>,
}

impl Change<'_> {
    /// Creates a bucket, unless it exists.
    pub(crate) fn create_bucket(&self, bucket: &str, created_ms: u64) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO buckets (name, created_ms) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
        )?;
        if statement.execute(params![bucket, created_ms])? == 0 {
            return Err(Error::refused(S3ErrorCode::BucketAlreadyOwnedByYou, "the bucket exists"));
        }
        Ok(())
    }

    /// Puts an object in the place of any other of that name, if the conditions hold, and tells it to the outbox if
    /// the key is watched.
    pub(crate) fn put_object(
        &mut self,
        bucket: &str,
        key: &str,
        object: &Object,
        conditions: &WriteConditions,
        event_name: &str,
    ) -> Result<(), Error> {
        require_bucket(self.connection, bucket)?;
        let current = self.current(bucket, key)?;
        conditions.check(current.as_ref().map(Current::version))?;
        self.name_files(object.body.segments())?;
        self.write_object(bucket, key, object)?;
        self.unname_files(current.map(|current| current.segments).unwrap_or_default())?;
        self.tell(|| Event::created(event_name, bucket, key, object))
    }

    /// Deletes an object, if `if_match` names it. That it does not exist is no error.
    pub(crate) fn delete_object(
        &mut self,
        bucket: &str,
        key: &str,
        conditions: &WriteConditions,
    ) -> Result<(), Error> {
        let Some(current) = self.current(bucket, key)? else {
            return require_bucket(self.connection, bucket);
        };
        conditions.check(Some(current.version()))?;
        let mut statement =
            self.connection.prepare_cached("DELETE FROM objects WHERE bucket = ?1 AND key = ?2")?;
        statement.execute([bucket, key])?;
        self.unname_files(current.segments)
    }

    fn current(&self, bucket: &str, key: &str) -> Result<Option<Current>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT etag, created_ms, segments FROM objects WHERE bucket = ?1 AND key = ?2",
        )?;
        let row = statement
            .query_row([bucket, key], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)));
        let Some((etag, created_ms, segments)) = row.optional()? else { return Ok(None) };
        Ok(Some(Current { etag, created_ms, segments: serde_json::from_str(&segments)? }))
    }

    fn write_object(&self, bucket: &str, key: &str, object: &Object) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(
            "INSERT OR REPLACE INTO objects
                 (bucket, key, size_bytes, etag, created_ms, checksums, attributes, segments, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        statement.execute(params![
            bucket,
            key,
            object.size_bytes,
            object.etag,
            object.created_ms,
            serde_json::to_string(&object.checksums)?,
            serde_json::to_string(&object.attributes)?,
            serde_json::to_string(object.body.segments())?,
            object.body.inline(),
        ])?;
        Ok(())
    }
}

impl Current {
    fn version(&self) -> Version<'_> {
        Version { etag: &self.etag, created_ms: self.created_ms }
    }
}
