//! Storage, use cases and HTTP put together.

use std::sync::Arc;

use berth_audit::AuditLog;
use berth_configuration::{Configuration, Environment};
use berth_http::{Oci, Settings};
use berth_identity::{
    AccessSettings, Directory, DirectoryParts, ProjectAccess, Tokens, WorkloadParts, Workloads,
    groups::Groups,
};
use berth_ldap::ConfiguredLdap;
use berth_oidc::RelyingParty;
use berth_projects::Projects;
use berth_records::{RecordRead, RecordWrite};
use berth_registry::ports::RepositoryList;
use berth_registry::{Clock, Config, Ids, OpenAccess, Ports, Registry};

use crate::lines::Audit;
use crate::outside::Outside;

/// What differs between the places where the service runs.
pub struct Surroundings {
    /// Keys and lifetimes.
    pub config: Config,
    /// Who may use the registry.
    pub access: Access,
    /// What the front lets through.
    pub settings: Settings,
    /// What becomes of the audit log.
    pub audit: Audit,
}

/// Who may use the registry.
#[derive(Clone)]
pub enum Access {
    /// Everybody who can reach it.
    Open,
    /// Users and robots, each in the projects where they have a role.
    Projects {
        /// Makes the user `admin` when it is first used, if there is none yet.
        first_password: Option<String>,
        /// The tokens that stand for a sign-in.
        tokens: Tokens,
        /// What can be chosen.
        settings: AccessSettings,
        /// What the deployment gives the configuration.
        environment: Environment,
    },
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Projects { .. } => "Projects",
        })
    }
}

/// Storage for the service: of content, and of records.
pub struct Storage {
    /// Content.
    pub ports: Ports,
    /// Projects, users, robots.
    pub read: Arc<dyn RecordRead>,
    /// Projects, users, robots.
    pub write: Arc<dyn RecordWrite>,
}

/// The service, and its parts for those who need more than requests.
pub struct Service {
    /// The OCI API and the token service.
    pub oci: Oci,
    /// The use cases that events need.
    pub registry: Registry,
    /// Everybody who can sign in, and the projects; `None` with open access.
    pub administration: Option<Administration>,
}

/// Who is there, what they share, and what all of it stands on.
#[derive(Clone)]
pub struct Administration {
    /// Everybody who can sign in.
    pub directory: Directory,
    /// The projects.
    pub projects: Projects,
    /// The groups.
    pub groups: Groups,
    /// Signs people in at an `OpenID` Connect provider.
    pub oidc: RelyingParty,
    /// Who did what.
    pub audit: AuditLog,
    /// The repositories that the projects hold.
    pub repositories: Arc<dyn RepositoryList>,
    /// What they hold.
    pub registry: Registry,
    /// Where all of it is kept.
    pub read: Arc<dyn RecordRead>,
    /// Where all of it is kept.
    pub write: Arc<dyn RecordWrite>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New names.
    pub ids: Arc<dyn Ids>,
    /// What is configured.
    pub configuration: Configuration,
}

impl std::fmt::Debug for Administration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Administration")
    }
}

/// The OCI API on this storage.
pub fn service(storage: Storage, surroundings: Surroundings) -> Service {
    service_with(storage, surroundings, Outside::default())
}

/// The same, with another way to others.
pub fn service_with(storage: Storage, surroundings: Surroundings, outside: Outside) -> Service {
    let Surroundings { config, access, settings, audit } = surroundings;
    let Storage { ports, read, write } = storage;
    let (clock, ids) = (Arc::clone(&ports.clock), Arc::clone(&ports.ids));
    let repositories = Arc::clone(&ports.repositories);
    let registry = Registry::new(ports, config);
    let (log, has_lines) = audit_log(audit, &read, &write, &clock, &ids);
    let witnessed = |oci: Oci| if has_lines { oci.with_witness(Arc::new(log.clone())) } else { oci };
    let Access::Projects { first_password, tokens, settings: access, environment } = access else {
        let oci = witnessed(Oci::new(registry.clone(), Arc::new(OpenAccess), ids, settings));
        return Service { oci, registry, administration: None };
    };
    let token_ttl_secs = access.token_ttl_secs;
    let configuration = Configuration::new(berth_configuration::Parts {
        read: read.clone(),
        write: write.clone(),
        ids: ids.clone(),
        environment: Environment { locks: environment.locks.with_token_ttl(token_ttl_secs), ..environment },
    });
    let mut directory = Directory::new(DirectoryParts {
        read: read.clone(),
        write: write.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        first_password,
    });
    let outbound = outside.outbound();
    let workloads = Workloads::new(WorkloadParts {
        robots: directory.robots().clone(),
        read: read.clone(),
        write: write.clone(),
        tokens: tokens.clone(),
        outbound: outbound.clone(),
        sts_endpoint: outside.sts_endpoint,
        clock: clock.clone(),
        ids: ids.clone(),
    });
    directory = directory.with_workloads(workloads);
    let groups = Groups::new(read.clone(), write.clone(), clock.clone());
    directory = directory.with_people(Arc::new(ConfiguredLdap::new(configuration.clone())), groups.clone());
    let projects =
        Projects::new(read.clone(), write.clone(), repositories.clone(), clock.clone(), token_ttl_secs);
    let access =
        ProjectAccess::new(directory.clone(), projects.clone(), tokens, clock.clone(), ids.clone(), access);
    let access = Arc::new(access);
    let oci = Oci::new(registry.clone(), access.clone(), ids.clone(), settings).with_sign_in(access);
    let oci = witnessed(oci);
    let oidc = RelyingParty::new(outbound, clock.clone(), ids.clone());
    let administration = Administration {
        directory,
        projects,
        groups,
        oidc,
        audit: log,
        repositories,
        registry: registry.clone(),
        configuration,
        read,
        write,
        clock,
        ids,
    };
    Service { oci, registry, administration: Some(administration) }
}

/// The log, and whether it writes lines: without them nobody would be told what the OCI API does.
fn audit_log(
    audit: Audit,
    read: &Arc<dyn RecordRead>,
    write: &Arc<dyn RecordWrite>,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn Ids>,
) -> (AuditLog, bool) {
    let log = AuditLog::new(read.clone(), write.clone(), clock.clone(), ids.clone(), audit.retention_days);
    match audit.lines {
        Some(lines) => (log.with_lines(lines), true),
        None => (log, false),
    }
}
