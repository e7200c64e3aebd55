//! Everything that the API stands on.

use std::sync::Arc;

use berth_audit::AuditLog;
use berth_configuration::Configuration;
use berth_identity::Directory;
use berth_identity::groups::Groups;
use berth_identity::sessions::Sessions;
use berth_oidc::RelyingParty;
use berth_projects::Projects;
use berth_records::{RecordRead, RecordWrite};
use berth_registry::ports::RepositoryList;
use berth_registry::{Clock, Ids, Registry, StoreError};

use crate::settings::Settings;
use crate::store::{Attached, Descriptions, Labels, Logins};

/// What the API is made of.
pub struct Parts {
    /// Users and robots.
    pub directory: Directory,
    /// Projects.
    pub projects: Projects,
    /// Groups.
    pub groups: Groups,
    /// Signs people in at an `OpenID` Connect provider.
    pub oidc: RelyingParty,
    /// Who did what.
    pub audit: AuditLog,
    /// Repositories.
    pub repositories: Arc<dyn RepositoryList>,
    /// What they hold.
    pub registry: Registry,
    /// What is configured.
    pub configuration: Configuration,
    /// Labels.
    pub read: Arc<dyn RecordRead>,
    /// Labels.
    pub write: Arc<dyn RecordWrite>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New names.
    pub ids: Arc<dyn Ids>,
}

/// The same, for those who were let in.
pub(crate) struct World {
    pub(crate) directory: Directory,
    pub(crate) projects: Projects,
    pub(crate) groups: Groups,
    pub(crate) oidc: RelyingParty,
    pub(crate) sessions: Sessions,
    pub(crate) logins: Logins,
    pub(crate) labels: Labels,
    pub(crate) configuration: Configuration,
    pub(crate) audit: AuditLog,
    pub(crate) repositories: Arc<dyn RepositoryList>,
    /// Demands permits, which `access/permits.rs` makes.
    pub(crate) registry: Registry,
    pub(crate) descriptions: Descriptions,
    pub(crate) attached: Attached,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) settings: Settings,
}

impl World {
    pub(crate) fn new(parts: Parts, settings: Settings) -> Self {
        let (read, write, clock) = (parts.read, parts.write, parts.clock);
        let users = parts.directory.users().clone();
        Self {
            oidc: parts.oidc,
            sessions: Sessions::new(read.clone(), write.clone(), clock.clone(), parts.ids.clone(), users),
            logins: Logins::new(read.clone(), write.clone(), clock.clone()),
            labels: Labels::new(read.clone(), write.clone(), clock.clone()),
            descriptions: Descriptions::new(read.clone(), write.clone(), clock.clone()),
            attached: Attached::new(read, write, clock.clone()),
            configuration: parts.configuration,
            clock,
            directory: parts.directory,
            projects: parts.projects,
            groups: parts.groups,
            audit: parts.audit,
            repositories: parts.repositories,
            registry: parts.registry,
            ids: parts.ids,
            settings,
        }
    }

    /// The provider that people sign in at now. `Ok(None)` if there is none.
    pub(crate) async fn oidc_settings(&self) -> Result<Option<berth_oidc::Settings>, StoreError> {
        Ok(berth_oidc::Settings::in_use(&self.configuration.get().await?))
    }

    /// How long a browser stays signed in.
    pub(crate) async fn session_ttl_secs(&self) -> Result<u64, StoreError> {
        Ok(self.configuration.get().await?.session_timeout_mins() * 60)
    }
}
