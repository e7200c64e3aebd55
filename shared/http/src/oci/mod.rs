//! The endpoints of the OCI Distribution API, one file each (distribution-spec, "Endpoints").

mod base;
mod cancel_upload;
mod catalog;
mod delete_blob;
mod delete_manifest;
mod ext_discover;
mod get_blob;
mod get_manifest;
mod get_upload;
mod list_referrers;
mod list_tags;
mod patch_upload;
mod put_manifest;
mod put_upload;
mod start_upload;
mod upload_answer;

pub use start_upload::LARGE_BLOB_REMEDY;

use berth_protocol::Request;
use http::Response;

use crate::answer::{Answer, Body};
use crate::failure::Failure;
use crate::service::{Call, Inner};

/// What a handler comes to.
type Outcome = Result<Answer, Failure>;

/// Answers one parsed request.
pub(crate) async fn handle(oci: &Inner, request: &Request, call: Call) -> Result<Response<Body>, Failure> {
    let answer = match request {
        Request::Base => Ok(base::answer()),
        Request::GetBlob { name, digest } => get_blob::get(oci, call, name, digest).await,
        Request::HeadBlob { name, digest } => get_blob::head(oci, call, name, digest).await,
        Request::DeleteBlob { name, digest } => delete_blob::delete(oci, call, name, digest).await,
        Request::GetManifest { name, reference } => get_manifest::get(oci, call, name, reference).await,
        Request::HeadManifest { name, reference } => get_manifest::head(oci, call, name, reference).await,
        Request::PutManifest { name, reference, tags } => {
            put_manifest::put(oci, call, name, reference, tags).await
        }
        Request::DeleteManifest { name, reference } => {
            delete_manifest::delete(oci, call, name, reference).await
        }
        Request::StartUpload { name, digest, mount, from, algorithm } => {
            let wanted = start_upload::Wanted {
                digest: digest.as_ref(),
                mount: mount.as_ref().zip(from.as_ref()),
                algorithm: *algorithm,
            };
            start_upload::start(oci, call, name, wanted).await
        }
        Request::PatchUpload { name, session } => patch_upload::patch(oci, call, name, session).await,
        Request::PutUpload { name, session, digest } => {
            put_upload::put(oci, call, name, session, digest.as_ref()).await
        }
        Request::GetUpload { name, session } => get_upload::get(oci, call, name, session).await,
        Request::CancelUpload { name, session } => cancel_upload::cancel(oci, call, name, session).await,
        Request::ListTags { name, page } => list_tags::list(oci, call, name, page).await,
        Request::ListReferrers { name, digest, artifact_type, page } => {
            list_referrers::list(oci, call, name, digest, artifact_type.as_deref(), page).await
        }
        Request::Catalog { page } => catalog::list(oci, call, page).await,
        Request::ExtDiscover => Ok(ext_discover::answer()),
    };
    answer.map(Answer::build)
}
