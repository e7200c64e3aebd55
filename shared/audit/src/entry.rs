//! What is written down.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The longest text in an entry, in characters.
const MAX_TEXT_CHARS: usize = 1024;

/// Something that happened, before it has a time and a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Who did it: the name that he signed in with. Empty for nobody in particular.
    pub username: String,
    /// From where, if that is known.
    pub address: Option<IpAddr>,
    /// What he did, in one word: `create`.
    pub operation: String,
    /// To what kind of thing: `project`.
    pub resource_type: String,
    /// To which one: its name, or its number if it has none.
    pub resource: String,
    /// Where, if it belongs to a project.
    pub project: Option<ProjectRef>,
    /// Whether it came about.
    pub succeeded: bool,
    /// In words. Never a secret.
    pub description: String,
    /// What else is known of the request.
    #[serde(flatten, default)]
    pub detail: Detail,
}

/// What is known of the request that an event came of. Entries of earlier versions have none of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Its name: that of `X-Request-Id`, or of the details of an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The content that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The client's program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
}

/// The project that something belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectRef {
    /// Its number.
    pub id: u64,
    /// Its name at that time.
    pub name: String,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// In the order of time: milliseconds since 1970, times 1000, and three digits that tell those of one millisecond apart. Fits
    /// the integers of JSON.
    pub id: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl Event {
    /// The same with texts of bounded length.
    pub(crate) fn shortened(mut self) -> Self {
        let Detail { request_id, digest, user_agent, .. } = &mut self.detail;
        let details = [request_id, digest, user_agent].into_iter().flatten();
        for text in [&mut self.username, &mut self.resource, &mut self.description].into_iter().chain(details)
        {
            if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_CHARS) {
                text.truncate(end);
            }
        }
        self
    }
}
