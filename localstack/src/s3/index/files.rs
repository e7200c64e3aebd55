//! How often each data file is named.

use rusqlite::{Connection, OptionalExtension};

use super::Change;
use crate::s3::{
    data::{FileId, Segment},
    error::{Error, StoreError},
};

/// Whether a row names the file.
pub(super) fn is_named(connection: &Connection, name: &str) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM files WHERE id = ?1")?;
    Ok(statement.query_row([name], |_| Ok(())).optional()?.is_some())
}

impl Change<'_> {
    /// Counts one more name for the file of each segment.
    pub(super) fn name_files(&self, segments: &[Segment]) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO files (id, refs) VALUES (?1, 1) ON CONFLICT (id) DO UPDATE SET refs = refs + 1",
        )?;
        for segment in segments {
            statement.execute([&segment.file.0])?;
        }
        Ok(())
    }

    /// Counts one name less for the file of each segment. A file without a name goes after the commit.
    pub(super) fn unname_files(&mut self, segments: Vec<Segment>) -> Result<(), Error> {
        let mut count_down = self
            .connection
            .prepare_cached("UPDATE files SET refs = refs - 1 WHERE id = ?1 RETURNING refs")?;
        let mut forget = self.connection.prepare_cached("DELETE FROM files WHERE id = ?1")?;
        for Segment { file: FileId(id), .. } in segments {
            let refs: Option<i64> = count_down.query_row([&id], |row| row.get(0)).optional()?;
            if refs.is_some_and(|refs| refs <= 0) {
                forget.execute([&id])?;
                self.effects.unnamed.push(FileId(id));
            }
        }
        Ok(())
    }
}
