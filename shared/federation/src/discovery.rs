//! From the name of an issuer to its keys (OpenID Connect Discovery 1.0).

use berth_outbound::{Call, Outbound, OutboundError, Url};
use serde::Deserialize;

use crate::key_set::KeySet;

/// Where an issuer describes itself.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";
/// The largest description.
const MAX_DESCRIPTION_BYTES: usize = 64 * 1024;
/// The largest key set.
const MAX_KEY_SET_BYTES: usize = 256 * 1024;

/// Why the keys of an issuer could not be read. For the log.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// No answer, or one that was too large.
    #[error("the {document} cannot be read")]
    Outbound {
        /// Which document.
        document: &'static str,
        /// Why.
        #[source]
        source: OutboundError,
    },
    /// An answer that is not 200; redirects are among them.
    #[error("the {document} is answered with status {status}")]
    Status {
        /// Which document.
        document: &'static str,
        /// The status.
        status: u16,
    },
    /// A document that is not what it should be.
    #[error("the {0} is not valid")]
    Document(&'static str),
    /// The description is that of another issuer.
    #[error("the description names the issuer {0:?}")]
    OtherIssuer(String),
    /// The keys are said to be at another origin than the issuer.
    #[error("the keys are said to be at {0:?}, which is not on the issuer's origin")]
    OtherOrigin(String),
    /// It failed a moment ago and is not asked again yet.
    #[error("reading the keys failed a moment ago")]
    FailedBefore,
}

impl IssuerError {
    /// Whether a later attempt may succeed without anybody changing anything.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Outbound { source, .. } => {
                !matches!(source, OutboundError::Url(_) | OutboundError::TooLarge { .. })
            }
            Self::Status { status, .. } => *status >= 500 || *status == 429,
            Self::FailedBefore => true,
            Self::Document(_) | Self::OtherIssuer(_) | Self::OtherOrigin(_) => false,
        }
    }
}

/// Where the keys of an issuer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPlace {
    /// At the issuer's own origin: for issuers that many people may name.
    OwnOrigin,
    /// Where its description says: for the one issuer that an administrator has chosen to believe.
    Anywhere,
}

/// What an issuer says about itself, as far as it is of use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Description {
    /// Its name.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where people sign in.
    #[serde(default)]
    pub authorization_endpoint: Option<String>,
    /// Where a code becomes tokens.
    #[serde(default)]
    pub token_endpoint: Option<String>,
    /// Where more is said about whoever has signed in.
    #[serde(default)]
    pub userinfo_endpoint: Option<String>,
    /// Where people sign out.
    #[serde(default)]
    pub end_session_endpoint: Option<String>,
    /// How clients may prove themselves at the token endpoint. Empty is by HTTP Basic.
    #[serde(default)]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Whether answers of the authorization endpoint name the issuer (RFC 9207).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Asks `issuer` what it says about itself: one call. The description is that of this very issuer.
pub async fn describe(outbound: &Outbound, issuer: &str) -> Result<Description, IssuerError> {
    let address = format!("{}{WELL_KNOWN}", issuer.strip_suffix('/').unwrap_or(issuer));
    let document = "description";
    let body = read(outbound, &address, MAX_DESCRIPTION_BYTES, document).await?;
    let description: Description =
        serde_json::from_slice(&body).map_err(|_| IssuerError::Document(document))?;
    if description.issuer != issuer {
        return Err(IssuerError::OtherIssuer(description.issuer));
    }
    Ok(description)
}

/// Asks `issuer` for its keys: two calls.
pub(crate) async fn read_keys(
    outbound: &Outbound,
    issuer: &str,
    place: KeyPlace,
) -> Result<KeySet, IssuerError> {
    let description = describe(outbound, issuer).await?;
    if place == KeyPlace::OwnOrigin && !is_same_origin(issuer, &description.jwks_uri) {
        return Err(IssuerError::OtherOrigin(description.jwks_uri));
    }
    let document = "key set";
    let body = read(outbound, &description.jwks_uri, MAX_KEY_SET_BYTES, document).await?;
    KeySet::parse(&body).ok_or(IssuerError::Document(document))
}

async fn read(
    outbound: &Outbound,
    address: &str,
    max_bytes: usize,
    document: &'static str,
) -> Result<Vec<u8>, IssuerError> {
    let answer = outbound.send(Call::get(address).max_answer_bytes(max_bytes)).await;
    let answer = answer.map_err(|source| IssuerError::Outbound { document, source })?;
    match answer.status.as_u16() {
        200 => Ok(answer.body.into()),
        status => Err(IssuerError::Status { document, status }),
    }
}

fn is_same_origin(issuer: &str, address: &str) -> bool {
    // An opaque origin, such as that of a file, is equal to no other.
    let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
    origin(issuer).is_some_and(|issuer| origin(address) == Some(issuer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for (issuer, address, expected) in [
            ("https://a.example", "https://a.example/keys", true),
            ("https://a.example/id/1", "https://a.example/id/2/keys", true),
            ("https://a.example", "https://A.EXAMPLE:443/keys", true),
            ("https://a.example", "http://a.example/keys", false),
            ("https://a.example", "https://a.example:8443/keys", false),
            ("https://a.example", "https://keys.a.example/keys", false),
            ("https://a.example", "https://a.example.evil.example/keys", false),
            ("https://a.example", "https://a.example@evil.example/keys", false),
            ("https://a.example", "/keys", false),
            ("https://a.example", "data:application/json,{}", false),
        ] {
            assert_eq!(is_same_origin(issuer, address), expected, "{address}");
        }
    }
}
