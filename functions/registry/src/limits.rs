//! What Lambda lets through.

use berth_http::Settings;

/// A Lambda event holds 6 MiB, and a binary body is a third larger in base64 (Lambda quotas, "Invocation payload").
pub const MAX_EVENT_BODY_BYTES: usize = 4_500_000;

/// Clients that join several smallest chunks in one request must still stay below an event.
const MIN_CHUNK_BYTES: u64 = 1024 * 1024;

/// The settings of the OCI API wherever Lambda, or what imitates it, stands in front.
pub fn lambda_settings() -> Settings {
    Settings { min_chunk_bytes: MIN_CHUNK_BYTES, max_body_bytes: Some(MAX_EVENT_BODY_BYTES as u64) }
}

/// S3's smallest part; smaller chunks cost an extra object each.
const MIN_GATEWAY_CHUNK_BYTES: u64 = 5 * 1024 * 1024;

/// The settings where pieces of any size are taken: of a gateway, of the function that begins uploads for one, and of `berth`.
pub fn gateway_settings() -> Settings {
    Settings { min_chunk_bytes: MIN_GATEWAY_CHUNK_BYTES, max_body_bytes: None }
}
