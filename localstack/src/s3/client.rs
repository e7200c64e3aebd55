//! The SDK client of the embedded S3.

use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Config, Credentials, HttpClient, IdentityCache, Region, RequestChecksumCalculation,
        ResponseChecksumValidation, StalledStreamProtectionConfig, retry::RetryConfig,
    },
};

const REGION: &str = "us-east-1";
const MAX_ATTEMPTS: u32 = 3;

/// A client that sends every request through `http`: a [`Connector`](super::Connector), or a wrapper around one that
/// injects faults.
///
/// Presigned URLs are signed for `endpoint_url`, the address under which outside clients reach the same service. It
/// must have no path: the first path segment is the bucket.
///
/// The protection against stalled streams is off, since an upload is as slow as the client that sends it.
pub fn client(http: impl HttpClient + 'static, endpoint_url: &str, credentials: Credentials) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .endpoint_url(endpoint_url)
        .force_path_style(true)
        .region(Region::from_static(REGION))
        .credentials_provider(credentials)
        .identity_cache(IdentityCache::no_cache())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    Client::from_conf(config.build())
}
