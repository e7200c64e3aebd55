//! What is configured of an `OpenID` Connect provider.

use std::fmt;

/// What is configured of an `OpenID` Connect provider, as it was typed: `oidc_` and the name of the field is the item.
#[derive(Clone, PartialEq, Eq)]
pub struct Oidc {
    /// What people call the provider.
    pub name: String,
    /// Its issuer.
    pub endpoint: String,
    /// The name that it knows this registry by.
    pub client_id: String,
    /// The secret that goes with it. Empty if there is none.
    pub client_secret: String,
    /// What it is asked for, with commas between.
    pub scope: String,
    /// The claim with the user name.
    pub user_claim: String,
    /// The claim with the groups.
    pub groups_claim: String,
    /// A regular expression for groups.
    pub group_filter: String,
    /// The group of the system administrators.
    pub admin_group: String,
    /// Whether nobody is asked for a user name.
    pub auto_onboard: bool,
    /// Whether its certificate must be good; nobody looks at it, since it must.
    pub verify_cert: bool,
    /// A JSON object of further parameters, or empty.
    pub extra_redirect_parms: String,
    /// Whether signing out here signs out there.
    pub logout: bool,
}

impl fmt::Debug for Oidc {
    /// Where and as whom, never the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Oidc")
            .field("endpoint", &self.endpoint)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
