//! The client side: a password from credentials.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::presigned::join;
use super::{
    ACTION, MAX_EXPIRES_SECS, MAX_PASSWORD_BYTES, PASSWORD_PREFIX, REGISTRY_HEADER, VERSION, sts_host,
};

/// Why there is no password.
#[derive(Debug, thiserror::Error)]
pub enum PresignError {
    /// Not the name of a region.
    #[error("{0:?} is not an AWS region")]
    Region(String),
    /// The request cannot be signed.
    #[error("the request cannot be signed")]
    Sign(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The session token of the credentials makes the password longer than registries accept.
    #[error("the password would have {0} bytes, and {MAX_PASSWORD_BYTES} are accepted")]
    TooLong(usize),
}

/// A password for `registry`, good for 15 minutes from `now_secs`: whoever has it can show that `credentials` were here, to this
/// registry only. Sends nothing.
pub fn presign(
    credentials: &Credentials,
    region: &str,
    registry: &str,
    now_secs: u64,
) -> Result<String, PresignError> {
    let host = sts_host(region).ok_or_else(|| PresignError::Region(region.to_owned()))?;
    let action = [("Action", ACTION), ("Version", VERSION)];
    let unsigned = format!("https://{host}/?{}", join(action.into_iter()));

    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(MAX_EXPIRES_SECS));
    let identity = credentials.clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts")
        .time(UNIX_EPOCH + Duration::from_secs(now_secs))
        .settings(settings)
        .build()
        .map_err(|error| PresignError::Sign(error.into()))?;

    let headers = std::iter::once((REGISTRY_HEADER, registry));
    let request = SignableRequest::new("GET", unsigned.as_str(), headers, SignableBody::Bytes(&[]))
        .map_err(|error| PresignError::Sign(error.into()))?;
    let signed = sign(request, &parameters.into()).map_err(|error| PresignError::Sign(error.into()))?;
    let (_, added) = signed.into_parts().0.into_parts();
    let added = join(added.iter().map(|(name, value)| (*name, value.as_ref())));

    let password = format!("{PASSWORD_PREFIX}{}", URL_SAFE_NO_PAD.encode(format!("{unsigned}&{added}")));
    match password.len() {
        0..=MAX_PASSWORD_BYTES => Ok(password),
        length => Err(PresignError::TooLong(length)),
    }
}
