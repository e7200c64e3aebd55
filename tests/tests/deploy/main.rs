//! The production stack, deployed to an emulator: what holds only when all of its parts work together.
//!
//! Each stack takes some seconds to come up, so tests share one where they can and keep to repositories of their own.

mod audit;
mod client;
#[path = "../clients/containerd.rs"]
mod containerd;
#[path = "../clients/crane.rs"]
#[expect(dead_code, reason = "as in the tests of clients, which need more of it")]
mod crane;
#[path = "../clients/docker.rs"]
mod docker;
mod events;
mod gateway_process;
mod keys;
mod life;
mod management;
#[path = "../clients/oras.rs"]
#[expect(dead_code, reason = "as in the tests of clients, which need more of it")]
mod oras;
mod outlives;
#[path = "../clients/place.rs"]
mod place;
#[path = "../clients/podman.rs"]
mod podman;
mod promotion;
mod push;
#[path = "../clients/regctl.rs"]
#[expect(dead_code, reason = "as in the tests of clients, which need more of it")]
mod regctl;
mod roles;
mod sessions;
mod sign_in;
#[path = "../clients/skopeo.rs"]
#[expect(dead_code, reason = "as in the tests of clients, which need more of it")]
mod skopeo;
mod slow_line;
mod stack;
mod with_gateway;
mod workloads;
