//! Removal of what is older than a rule allows: the work of S3's lifecycle rules.

use rusqlite::{Connection, params, types::Value};

use super::{Change, find, find_upload, listing::after_prefix};
use crate::s3::{conditions::WriteConditions, error::Error, limits::EXPIRY_BATCH};

/// A rule: everything below a prefix that was created before a time.
#[derive(Clone, Debug)]
pub(crate) struct Expiry {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    pub(crate) created_before_ms: u64,
}

/// An upload in progress that a rule names.
#[derive(Clone, Debug)]
pub(crate) struct ExpiredUpload {
    key: String,
    id: String,
}

impl Expiry {
    /// The keys of one batch of expired objects, from the least that is not below `from`.
    pub(crate) fn objects(&self, connection: &Connection, from: &str) -> Result<Vec<String>, Error> {
        let mut statement = connection.prepare_cached(
            "SELECT key FROM objects
             WHERE bucket = ?1 AND key >= ?2 AND key < ?3 AND created_ms < ?4 ORDER BY key LIMIT ?5",
        )?;
        let from = from.max(&self.prefix);
        let bounds = params![self.bucket, from, self.end(), self.created_before_ms, EXPIRY_BATCH];
        Ok(statement.query_map(bounds, |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// One batch of expired uploads.
    pub(crate) fn uploads(&self, connection: &Connection) -> Result<Vec<ExpiredUpload>, Error> {
        let mut statement = connection.prepare_cached(
            "SELECT key, id FROM uploads
             WHERE bucket = ?1 AND key >= ?2 AND key < ?3 AND created_ms < ?4 ORDER BY key LIMIT ?5",
        )?;
        let bounds = params![self.bucket, self.prefix, self.end(), self.created_before_ms, EXPIRY_BATCH];
        let row = |row: &rusqlite::Row<'_>| Ok(ExpiredUpload { key: row.get(0)?, id: row.get(1)? });
        Ok(statement.query_map(bounds, row)?.collect::<Result<_, _>>()?)
    }

    /// The least value above all keys below the prefix. SQLite sorts every text before every blob.
    fn end(&self) -> Value {
        after_prefix(&self.prefix).map_or(Value::Blob(Vec::new()), Value::Text)
    }
}

impl Change<'_> {
    /// Deletes those of `keys` that are still expired, and returns how many.
    pub(crate) fn expire_objects(&mut self, expiry: &Expiry, keys: &[String]) -> Result<usize, Error> {
        let mut removed = 0;
        for key in keys {
            let expired = match find(self.connection, &expiry.bucket, key) {
                Ok(object) => object.created_ms < expiry.created_before_ms,
                Err(Error::Refused { .. }) => false,
                Err(error) => return Err(error),
            };
            if expired {
                self.delete_object(&expiry.bucket, key, &WriteConditions::default())?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Aborts those of `uploads` that still exist, and returns how many.
    pub(crate) fn expire_uploads(
        &mut self,
        expiry: &Expiry,
        uploads: &[ExpiredUpload],
    ) -> Result<usize, Error> {
        let mut removed = 0;
        for ExpiredUpload { key, id } in uploads {
            match find_upload(self.connection, id, &expiry.bucket, key) {
                Ok(_) => {
                    self.remove_upload(id)?;
                    removed += 1;
                }
                Err(Error::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(removed)
    }
}
