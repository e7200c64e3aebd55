//! The outbox: events that are told exactly once per creation, and kept until they are done.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use super::{Change, Object};
use crate::s3::error::Error;

/// An object was created. The field names are part of the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The name of the event in the outbox, ascending with time.
    #[serde(skip)]
    pub id: i64,
    /// `ObjectCreated:Put`, `ObjectCreated:Copy` or `ObjectCreated:CompleteMultipartUpload`.
    #[serde(rename = "event_name")]
    pub name: String,
    /// The bucket.
    pub bucket: String,
    /// The key, not encoded.
    pub key: String,
    /// The size in bytes.
    pub size: u64,
    /// The entity tag, without quotes.
    pub etag: String,
    /// Hexadecimal digits of equal count: of two events of one key, the later one has the greater.
    #[serde(skip)]
    pub sequencer: String,
    /// The time of creation in milliseconds since the Unix epoch.
    pub time_ms: u64,
}

impl Event {
    pub(super) fn created(name: &str, bucket: &str, key: &str, object: &Object) -> Self {
        Self {
            id: 0,
            name: name.to_owned(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            size: object.size_bytes,
            etag: object.etag.clone(),
            sequencer: String::new(),
            time_ms: object.created_ms,
        }
    }

    /// The events that are not done, oldest first.
    pub(crate) fn pending(connection: &Connection, limit: usize) -> Result<Vec<Self>, Error> {
        let mut statement = connection.prepare_cached("SELECT id, event FROM outbox ORDER BY id LIMIT ?1")?;
        let rows = statement.query_map([limit], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| {
            let (id, event) = row?;
            let event: Self = serde_json::from_str(&event)?;
            Ok(Self { id, sequencer: format!("{id:016X}"), ..event })
        })
        .collect()
    }
}

impl Change<'_> {
    /// Puts the event into the outbox if its key is watched.
    pub(super) fn tell(&mut self, event: impl FnOnce() -> Event) -> Result<(), Error> {
        if self.event_prefixes.is_empty() {
            return Ok(());
        }
        let event = event();
        if self.event_prefixes.iter().any(|prefix| event.key.starts_with(prefix)) {
            let mut statement = self.connection.prepare_cached("INSERT INTO outbox (event) VALUES (?1)")?;
            statement.execute([serde_json::to_string(&event)?])?;
            self.effects.told = true;
        }
        Ok(())
    }

    /// Removes an event. That it is gone already is no error.
    pub(crate) fn finish_event(&self, id: i64) -> Result<(), Error> {
        self.connection.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute(params![id])?;
        Ok(())
    }
}
