//! The artifact that a path names.

use berth_protocol::{Reference, RepositoryName};
use berth_registry::ports::Artifact;
use berth_registry::{Permit, Pull};

use crate::access::{Call, InProject};
use crate::failure::Failure;
use crate::repository::name_of;

/// An artifact, and leave to read it.
pub(super) struct Found {
    pub(super) permit: Permit<Pull>,
    pub(super) artifact: Artifact,
}

impl Found {
    /// What the path of the request names.
    pub(super) async fn of(call: &Call<InProject>) -> Result<Self, Failure> {
        let permit = call.pull(&name_of(call)?).await?;
        let reference = call.asked.parameter("reference");
        let artifact = match Reference::parse(reference) {
            Ok(reference) => call.registry().artifact(&permit, &reference).await?,
            Err(_) => None,
        };
        let artifact = artifact.ok_or_else(|| missing(permit.repository(), reference))?;
        Ok(Self { permit, artifact })
    }

    pub(super) fn repository(&self) -> &RepositoryName {
        self.permit.repository()
    }

    /// What the audit log calls it.
    pub(super) fn name(&self) -> String {
        format!("{}@{}", self.repository(), self.artifact.digest)
    }
}

pub(super) fn missing(repository: &RepositoryName, reference: &str) -> Failure {
    let separator = if reference.contains(':') { '@' } else { ':' };
    Failure::not_found(format!("artifact {repository}{separator}{reference} not found"))
}
