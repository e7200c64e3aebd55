//! What a token says.

use berth_registry::RepositoryAction;
use berth_registry::sign_in::{Grant, Holder};
use serde::{Deserialize, Serialize};

/// Who gives the tokens.
pub(crate) const ISSUER: &str = "berth";

const REPOSITORY: &str = "repository";
const REGISTRY: &str = "registry";
const CATALOG: &str = "catalog";

/// The claims of a token (RFC 7519, section 4.1, and Docker's `access`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    /// Whom it was given to; empty for nobody in particular.
    pub(crate) sub: String,
    /// The host that gave it.
    pub(crate) aud: String,
    pub(crate) exp: u64,
    pub(crate) nbf: u64,
    pub(crate) iat: u64,
    pub(crate) jti: String,
    pub(crate) access: Vec<Access>,
}

/// What it says about one repository, or about the list of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Access {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) actions: Vec<String>,
    /// Asked for and not allowed: another token would not help.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) refused: Vec<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) project: u64,
    /// A push may bring back a repository that was deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) revive: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Access {
    pub(crate) fn catalog(is_allowed: bool) -> Self {
        let (actions, refused) = if is_allowed { (vec!["*"], vec![]) } else { (vec![], vec!["*"]) };
        let texts = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
        Self {
            kind: REGISTRY.to_owned(),
            name: CATALOG.to_owned(),
            actions: texts(actions),
            refused: texts(refused),
            project: 0,
            revive: false,
            role: None,
        }
    }

    pub(crate) fn of(grant: &Grant) -> Self {
        let texts = |actions: &[RepositoryAction]| actions.iter().map(ToString::to_string).collect();
        Self {
            kind: REPOSITORY.to_owned(),
            name: grant.repository.to_string(),
            actions: texts(&grant.allowed),
            refused: texts(&grant.refused),
            project: grant.project,
            revive: grant.may_revive,
            role: grant.role.clone(),
        }
    }

    fn grant(&self) -> Option<Grant> {
        let actions = |texts: &[String]| {
            let is_in = |action: &RepositoryAction| texts.iter().any(|text| text == action.as_str());
            RepositoryAction::ALL.into_iter().filter(is_in).collect()
        };
        Some(Grant {
            repository: self.name.parse().ok()?,
            project: self.project,
            allowed: actions(&self.actions),
            refused: actions(&self.refused),
            may_revive: self.revive,
            role: self.role.clone(),
        })
    }
}

impl Claims {
    pub(crate) fn holder(self) -> Holder {
        let repositories = self.access.iter().filter(|access| access.kind == REPOSITORY);
        let catalog = self.access.iter().find(|access| access.kind == REGISTRY && access.name == CATALOG);
        Holder {
            grants: repositories.filter_map(Access::grant).collect(),
            catalog: catalog.map(|access| access.actions.iter().any(|action| action == "*")),
            name: Some(self.sub).filter(|name| !name.is_empty()),
        }
    }
}
