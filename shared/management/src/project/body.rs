//! What a client sends of a project.

use std::collections::BTreeMap;

use berth_projects::{Metadata, MetadataError};
use serde::Deserialize;

use crate::failure::Failure;

/// A project as it is sent. Fields that Harbor has and this API does not take are passed over, as unknown ones are.
#[derive(Debug, Deserialize)]
pub(super) struct ProjectBody {
    #[serde(default)]
    pub(super) project_name: String,
    /// From old versions of Harbor.
    pub(super) public: Option<bool>,
    #[serde(default)]
    metadata: Option<BTreeMap<String, Option<String>>>,
    cve_allowlist: Option<AllowlistBody>,
    pub(super) registry_id: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct AllowlistBody {
    project_id: Option<u64>,
    #[serde(default)]
    items: Option<Vec<serde_json::Value>>,
}

impl ProjectBody {
    /// The settings that have a value, by name. An empty text is none.
    fn settings(&self) -> impl Iterator<Item = (&str, &str)> {
        let given = self.metadata.iter().flatten();
        given.filter_map(|(name, value)| {
            Some((name.as_str(), value.as_deref().filter(|value| !value.is_empty())?))
        })
    }

    pub(super) fn setting(&self, name: &str) -> Option<&str> {
        self.settings().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Sets what was sent. Settings that Harbor does not have are passed over; so are those of proxy projects, which these are not.
    pub(super) fn apply(&self, metadata: &mut Metadata) -> Result<(), Failure> {
        const OF_PROXIES: [&str; 4] =
            ["proxy_speed_kb", "max_upstream_conn", "proxy_cache_filter_pattern", "proxy_cache_filter_kind"];
        for (name, value) in self.settings() {
            // Whoever manages retention says which policy it is.
            if name == "retention_id" || OF_PROXIES.contains(&name) {
                continue;
            }
            match metadata.set(name, value) {
                Ok(()) | Err(MetadataError::Unknown(_)) => {}
                Err(error @ MetadataError::Value { .. }) => return Err(Failure::bad_request(error)),
            }
        }
        Ok(())
    }

    /// Refuses what cannot be kept yet. An empty list is what every project has.
    pub(super) fn check_allowlist(&self, project_id: Option<u64>) -> Result<(), Failure> {
        let Some(allowlist) = &self.cve_allowlist else { return Ok(()) };
        let named = allowlist.project_id.filter(|id| *id != 0);
        if let (Some(expected), Some(named)) = (project_id, named)
            && expected != named
        {
            let message = format!("project_id in cve_allowlist must be {expected} but it's {named}");
            return Err(Failure::bad_request(message));
        }
        if allowlist.items.as_ref().is_some_and(|items| !items.is_empty()) {
            return Err(Failure::not_yet("a project's own list of allowed CVEs"));
        }
        Ok(())
    }
}
