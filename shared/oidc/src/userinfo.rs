//! What the provider says about whoever has signed in, beside the ID token (OpenID Connect Core 1.0, section 5.3).

use std::collections::BTreeMap;

use berth_outbound::Call;
use http::HeaderValue;
use http::header::{ACCEPT, AUTHORIZATION};
use serde_json::Value;

use crate::{OidcError, RelyingParty};

const ENDPOINT: &str = "userinfo_endpoint";
const MAX_ANSWER_BYTES: usize = 128 * 1024;

impl RelyingParty {
    /// The claims that the provider has of `subject`; those of somebody else are an error.
    pub(crate) async fn userinfo(
        &self,
        address: &str,
        access_token: &str,
        subject: &str,
    ) -> Result<BTreeMap<String, Value>, OidcError> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {access_token}"))
            .map_err(|_| OidcError::Answer("token_endpoint"))?;
        bearer.set_sensitive(true);
        let call = Call::get(address)
            .max_answer_bytes(MAX_ANSWER_BYTES)
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, HeaderValue::from_static("application/json"));
        let answer = self.inner.outbound.send(call).await;
        let answer = answer.map_err(|source| OidcError::Outbound { endpoint: ENDPOINT, source })?;
        let status = answer.status.as_u16();
        if status != 200 {
            return Err(OidcError::Status { endpoint: ENDPOINT, status, error: String::new() });
        }
        let claims: BTreeMap<String, Value> =
            serde_json::from_slice(&answer.body).map_err(|_| OidcError::Answer(ENDPOINT))?;
        if claims.get("sub").and_then(Value::as_str) != Some(subject) {
            return Err(OidcError::Claim("the userinfo is about somebody else"));
        }
        Ok(claims)
    }
}
