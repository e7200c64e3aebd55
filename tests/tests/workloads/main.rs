//! Workloads that sign in at a running registry: with tokens of an issuer on loopback, with the identity tokens that they get in exchange,
//! through `docker-credential-berth`, and as an AWS role at an STS of the tests, which checks signatures as AWS does.

mod aws;
mod federated;
mod helper;

mod world;

#[path = "../../../shared/federation/tests/federation/support/issuer.rs"]
#[expect(dead_code, reason = "its other tests change the documents")]
mod issuer;
#[path = "../../../shared/federation/tests/federation/support/keys.rs"]
#[expect(dead_code, reason = "its other tests know more keys and forgeries")]
mod keys;
#[path = "../../../shared/outbound/tests/support/server.rs"]
#[expect(dead_code, reason = "its other tests redirect")]
mod server;
#[path = "../../../shared/federation/tests/federation/support/sts.rs"]
mod sts;
