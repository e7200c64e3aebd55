//! What the answers about an upload have in common.

use berth_protocol::{Digest, RepositoryName, Request, headers};
use berth_registry::upload::Session;
use berth_registry::{Permit, Push};
use http::StatusCode;
use http::header::RANGE;

use crate::answer::Answer;
use crate::service::Inner;

/// The upload goes on: where, and how far it is.
pub(super) fn open(
    oci: &Inner,
    status: StatusCode,
    permit: &Permit<Push>,
    session: &Session,
    offset_bytes: u64,
) -> Answer {
    let name = permit.repository().clone();
    let text = oci.registry.sign_session(permit, session, offset_bytes > 0);
    // Nothing received and one byte received look the same here: the spec's range has no empty form, and clients
    // compute the next offset from the Location that they were given with it.
    Answer::new(status)
        .location(Request::GetUpload { name, session: text }.url())
        .header(RANGE, format!("0-{}", offset_bytes.saturating_sub(1)))
        .header(headers::DOCKER_UPLOAD_UUID, session.id())
        .length(0)
}

/// The blob is there.
pub(super) fn created(name: &RepositoryName, digest: &Digest) -> Answer {
    let location = Request::GetBlob { name: name.clone(), digest: digest.clone() }.url();
    Answer::new(StatusCode::CREATED).location(location).digest(digest).length(0)
}
