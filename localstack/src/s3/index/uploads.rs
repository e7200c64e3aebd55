//! Multipart uploads in progress and their parts.

use rusqlite::{Connection, OptionalExtension, Row, params};
use s3s::S3ErrorCode;

use super::Change;
use crate::s3::{
    attributes::Attributes,
    checksums::{Algorithm, Checksums},
    data::Segment,
    error::Error,
};

/// A multipart upload in progress.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) id: String,
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) created_ms: u64,
    /// The checksum that the client chose for the object.
    pub(crate) algorithm: Option<Algorithm>,
    /// Whether that checksum is one over the checksums of the parts.
    pub(crate) composite: bool,
    pub(crate) attributes: Attributes,
}

/// A part that was uploaded.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) number: i32,
    pub(crate) size_bytes: u64,
    pub(crate) etag: String,
    pub(crate) created_ms: u64,
    pub(crate) checksums: Checksums,
    pub(crate) segments: Vec<Segment>,
}

/// The upload of that name for that object. Refuses when there is none.
pub(crate) fn find_upload(
    connection: &Connection,
    id: &str,
    bucket: &str,
    key: &str,
) -> Result<Upload, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT id, bucket, key, created_ms, algorithm, composite, attributes FROM uploads
         WHERE id = ?1 AND bucket = ?2 AND key = ?3",
    )?;
    let upload = statement.query_row([id, bucket, key], |row| Ok(decode_upload(row))).optional()?;
    upload.ok_or(Error::refused(S3ErrorCode::NoSuchUpload, "the upload does not exist"))?
}

/// The uploads of a bucket by key and name, those behind `(after_key, after_id)`, at most `limit`.
pub(crate) fn list_uploads(
    connection: &Connection,
    bucket: &str,
    prefix: &str,
    (after_key, after_id): (&str, &str),
    limit: usize,
) -> Result<Vec<Upload>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT id, bucket, key, created_ms, algorithm, composite, attributes FROM uploads
         WHERE bucket = ?1 AND (key, id) > (?2, ?3) AND key >= ?4 ORDER BY key, id",
    )?;
    let mut rows = statement.query(params![bucket, after_key, after_id, prefix])?;
    let mut uploads = Vec::new();
    while let Some(row) = rows.next()? {
        let upload = decode_upload(row)?;
        if uploads.len() == limit || !upload.key.starts_with(prefix) {
            break;
        }
        uploads.push(upload);
    }
    Ok(uploads)
}

/// The parts of an upload in order, those with a number above `after`, at most `limit`.
pub(crate) fn list_parts(
    connection: &Connection,
    upload: &str,
    after: i32,
    limit: usize,
) -> Result<Vec<Part>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT number, size_bytes, etag, created_ms, checksums, segments FROM parts
         WHERE upload = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
    )?;
    let mut rows = statement.query(params![upload, after, limit])?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next()? {
        parts.push(decode_part(row)?);
    }
    Ok(parts)
}

fn decode_upload(row: &Row<'_>) -> Result<Upload, Error> {
    let algorithm: Option<String> = row.get(4)?;
    Ok(Upload {
        id: row.get(0)?,
        bucket: row.get(1)?,
        key: row.get(2)?,
        created_ms: row.get(3)?,
        algorithm: algorithm.as_deref().map(Algorithm::parse).transpose()?,
        composite: row.get(5)?,
        attributes: serde_json::from_str(&row.get::<_, String>(6)?)?,
    })
}

fn decode_part(row: &Row<'_>) -> Result<Part, Error> {
    Ok(Part {
        number: row.get(0)?,
        size_bytes: row.get(1)?,
        etag: row.get(2)?,
        created_ms: row.get(3)?,
        checksums: serde_json::from_str(&row.get::<_, String>(4)?)?,
        segments: serde_json::from_str(&row.get::<_, String>(5)?)?,
    })
}

impl Change<'_> {
    /// Begins an upload.
    pub(crate) fn create_upload(&self, upload: &Upload) -> Result<(), Error> {
        super::require_bucket(self.connection, &upload.bucket)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO uploads (id, bucket, key, created_ms, algorithm, composite, attributes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        statement.execute(params![
            upload.id,
            upload.bucket,
            upload.key,
            upload.created_ms,
            upload.algorithm.map(Algorithm::name),
            upload.composite,
            serde_json::to_string(&upload.attributes)?,
        ])?;
        Ok(())
    }

    /// Puts a part in the place of any other of that number. The upload must be known to exist in this change.
    pub(crate) fn put_part(&mut self, upload: &str, part: &Part) -> Result<(), Error> {
        let replaced = self.part_segments(upload, Some(part.number))?;
        self.name_files(&part.segments)?;
        let mut statement = self.connection.prepare_cached(
            "INSERT OR REPLACE INTO parts (upload, number, size_bytes, etag, created_ms, checksums, segments)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        statement.execute(params![
            upload,
            part.number,
            part.size_bytes,
            part.etag,
            part.created_ms,
            serde_json::to_string(&part.checksums)?,
            serde_json::to_string(&part.segments)?,
        ])?;
        self.unname_files(replaced)
    }

    /// Removes an upload and its parts.
    pub(crate) fn remove_upload(&mut self, upload: &str) -> Result<(), Error> {
        let segments = self.part_segments(upload, None)?;
        self.connection.prepare_cached("DELETE FROM parts WHERE upload = ?1")?.execute([upload])?;
        self.connection.prepare_cached("DELETE FROM uploads WHERE id = ?1")?.execute([upload])?;
        self.unname_files(segments)
    }

    /// The segments of one part, or of all.
    fn part_segments(&self, upload: &str, number: Option<i32>) -> Result<Vec<Segment>, Error> {
        let (least, greatest) = number.map_or((0, i32::MAX), |number| (number, number));
        let mut statement = self
            .connection
            .prepare_cached("SELECT segments FROM parts WHERE upload = ?1 AND number BETWEEN ?2 AND ?3")?;
        let rows = statement.query_map(params![upload, least, greatest], |row| row.get::<_, String>(0))?;
        let mut segments = Vec::new();
        for row in rows {
            segments.extend(serde_json::from_str::<Vec<Segment>>(&row?)?);
        }
        Ok(segments)
    }
}
