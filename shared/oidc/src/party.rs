//! The relying party, and what it keeps in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use berth_federation::{Description, IssuerError, KeyPlace, Signatures, describe};
use berth_outbound::Outbound;
use berth_registry::{Clock, Ids};

use crate::{OidcError, Settings};

/// How long what a provider says about itself is believed.
const TTL_SECS: u64 = 10 * 60;
/// How long a provider that failed is left alone: nobody needs to be known to have it asked.
const RETRY_SECS: u64 = 10;

/// Signs people in at the provider that its caller names. Cheap to clone; clones share what they have learned about it.
#[derive(Clone)]
pub struct RelyingParty {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) outbound: Outbound,
    pub(crate) signatures: Signatures,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// The last description, and when it was read.
    read: Option<(Arc<Description>, u64)>,
    /// The provider that failed last, and when.
    failed: Option<(String, u64)>,
}

impl Known {
    /// What can be said about this issuer without asking it.
    fn find(&self, issuer: &str, now_secs: u64) -> Option<Result<Arc<Description>, IssuerError>> {
        let is_within = |at_secs: u64, secs| now_secs.saturating_sub(at_secs) < secs;
        match (&self.read, &self.failed) {
            (Some((known, at_secs)), _) if known.issuer == issuer && is_within(*at_secs, TTL_SECS) => {
                Some(Ok(Arc::clone(known)))
            }
            (_, Some((failed, at_secs))) if failed == issuer && is_within(*at_secs, RETRY_SECS) => {
                Some(Err(IssuerError::FailedBefore))
            }
            _ => None,
        }
    }
}

impl RelyingParty {
    /// Asks providers through `outbound`.
    pub fn new(outbound: Outbound, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Self {
        // An administrator chose the provider: its keys may be where it says.
        let signatures = Signatures::new(outbound.clone(), KeyPlace::Anywhere, Arc::clone(&clock));
        Self { inner: Arc::new(Inner { outbound, signatures, clock, ids, known: Mutex::default() }) }
    }

    /// Where a browser signs out at the provider; afterwards it comes to `back_uri`. `Ok(None)` if the provider has no such place.
    pub async fn logout_url(&self, settings: &Settings, back_uri: &str) -> Result<Option<String>, OidcError> {
        let description = self.description(settings).await?;
        let Some(endpoint) = &description.end_session_endpoint else { return Ok(None) };
        let mut url = self.checked("end_session_endpoint", endpoint)?;
        url.query_pairs_mut()
            .append_pair("client_id", settings.client_id.trim())
            .append_pair("post_logout_redirect_uri", back_uri);
        Ok(Some(url.into()))
    }

    /// What the provider says about itself, read at most once in a while.
    pub(crate) async fn description(&self, settings: &Settings) -> Result<Arc<Description>, OidcError> {
        let issuer = settings.endpoint.trim();
        let now_secs = self.inner.clock.now_secs();
        if let Some(known) = self.known().find(issuer, now_secs) {
            return Ok(known?);
        }
        let answer = describe(&self.inner.outbound, issuer).await;
        let mut known = self.known();
        match answer {
            Ok(description) => {
                let description = Arc::new(description);
                known.read = Some((Arc::clone(&description), now_secs));
                Ok(description)
            }
            Err(error) => {
                known.failed = Some((issuer.to_owned(), now_secs));
                Err(error.into())
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.inner.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An address that the provider names, if it may be asked.
    pub(crate) fn checked(
        &self,
        endpoint: &'static str,
        address: &str,
    ) -> Result<berth_outbound::Url, OidcError> {
        let refused = |refusal| OidcError::Outbound { endpoint, source: refusal };
        self.inner.outbound.check(address).map_err(|refusal| refused(refusal.into()))
    }
}

impl std::fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RelyingParty")
    }
}
