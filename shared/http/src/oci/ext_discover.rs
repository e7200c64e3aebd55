//! `GET /v2/_oci/ext/discover` (distribution-spec, extensions): which extensions are there.

use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;

pub(super) fn answer() -> Answer {
    let discover = json!({
        "name": "_oci",
        "description": "Lists the extensions of this registry.",
        "url": "https://github.com/opencontainers/distribution-spec/blob/main/extensions/_oci.md",
        "endpoints": ["_oci/ext/discover"],
    });
    Answer::new(StatusCode::OK).json(&json!({ "extensions": [discover] }))
}
