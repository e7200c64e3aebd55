//! The SDK client of the embedded DynamoDB.

use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, Config, Credentials, HttpClient, IdentityCache, Region,
        StalledStreamProtectionConfig, retry::RetryConfig,
    },
};

/// Signatures are never checked in process, so any credentials do.
const ACCESS_KEY: &str = "local";
const SECRET_KEY: &str = "local";
const REGION: &str = "us-east-1";
/// Names no host: the connector never opens a connection.
const ENDPOINT: &str = "http://dynamodb.local";
const MAX_ATTEMPTS: u32 = 3;

/// A client that sends every request through `http`: a [`Connector`](super::Connector), or a wrapper around one
/// that injects faults.
pub fn client(http: impl HttpClient + 'static) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .endpoint_url(ENDPOINT)
        .region(Region::from_static(REGION))
        .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local"))
        .identity_cache(IdentityCache::no_cache())
        .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    Client::from_conf(config.build())
}
