//! Real clients push to a running registry and pull from it, in both modes, as their users would.

mod buildah;
mod client;
mod containerd;
mod cosign;
mod crane;
mod docker;
mod helm;
mod oras;
mod place;
mod podman;
mod regctl;
mod relay;
mod resume;
mod rust_oci_client;
mod skopeo;
mod together;
