//! The first half: where the browser is sent.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{OidcError, RelyingParty, Settings};

/// A sign-in that has begun.
#[derive(Clone)]
pub struct Login {
    /// Where the browser goes.
    pub url: String,
    /// What it must bring back. 256 random bits.
    pub state: String,
    /// What must be remembered until then, for this browser alone.
    pub pending: Pending,
}

/// What must be remembered of a sign-in that has begun.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The provider that was asked.
    pub(crate) issuer: String,
    /// As whom.
    pub(crate) client_id: String,
    /// What its ID token must repeat.
    pub(crate) nonce: String,
    /// What the code is good with alone (RFC 7636).
    pub(crate) verifier: String,
    /// Where we said that the browser should come back to.
    pub(crate) redirect_uri: String,
}

impl RelyingParty {
    /// Begins a sign-in. `redirect_uri` is where the browser comes back to; the provider must know it.
    pub async fn begin(&self, settings: &Settings, redirect_uri: &str) -> Result<Login, OidcError> {
        settings.check()?;
        let description = self.description(settings).await?;
        let endpoint = description.authorization_endpoint.as_deref();
        let endpoint = endpoint.ok_or(OidcError::Description("authorization_endpoint"))?;
        let mut url = self.checked("authorization_endpoint", endpoint)?;
        let pending = Pending {
            issuer: description.issuer.clone(),
            client_id: settings.client_id.trim().to_owned(),
            nonce: self.random(),
            verifier: self.random(),
            redirect_uri: redirect_uri.to_owned(),
        };
        let state = self.random();
        let scope = settings.scopes().collect::<Vec<_>>().join(" ");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &pending.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", &scope)
            .append_pair("state", &state)
            .append_pair("nonce", &pending.nonce)
            .append_pair("code_challenge", &challenge(&pending.verifier))
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(&settings.extra_redirect_parms);
        Ok(Login { url: url.into(), state, pending })
    }

    fn random(&self) -> String {
        format!("{}{}", self.inner.ids.next(), self.inner.ids.next())
    }
}

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login")
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pending")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
