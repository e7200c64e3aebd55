//! Signing in with a secret, or with a proof in place of one.

use berth_projects::Principal;
use berth_registry::{Credentials, Exchanged, Forbidden, Visit};

use super::Directory;
use crate::trust::TrustRules;
use crate::workloads::{Proof, Workloads};

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who it is.
    pub principal: Principal,
    /// When that ends: what is given in return must not live longer. `None` if it does not end by itself.
    pub expires_at_secs: Option<u64>,
}

impl Directory {
    /// The same, and with workloads that prove who they are with what another system gave them.
    #[must_use]
    pub fn with_workloads(mut self, workloads: Workloads) -> Self {
        self.workloads = Some(workloads);
        self
    }

    /// Which workloads are which robot.
    pub fn trust(&self) -> &TrustRules {
        &self.trust
    }

    /// What workloads are checked with; `None` if they cannot sign in here.
    pub fn workloads(&self) -> Option<&Workloads> {
        self.workloads.as_ref()
    }

    /// Who this is, by a secret or by a proof in place of one. Refuses as [`sign_in`](Self::sign_in) does.
    pub async fn enter(&self, credentials: &Credentials, visit: &Visit) -> Result<SignedIn, Forbidden> {
        if let Some(workloads) = &self.workloads
            && let Some(proof) = Proof::of(&credentials.password)
        {
            let admitted = workloads.admit(&credentials.user, proof, &visit.host).await?;
            let expires_at_secs = Some(admitted.expires_at_secs);
            return Ok(SignedIn { principal: admitted.robot.principal(), expires_at_secs });
        }
        let principal = self.sign_in(credentials, visit.address).await?;
        Ok(SignedIn { principal, expires_at_secs: None })
    }

    /// An identity token for a proof.
    pub(crate) async fn exchange(&self, proof: &Credentials, visit: &Visit) -> Result<Exchanged, Forbidden> {
        let workloads = self.workloads.as_ref().ok_or(Forbidden::Unauthenticated)?;
        Ok(workloads.exchange(proof, &visit.host).await?)
    }
}
