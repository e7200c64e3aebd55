//! What the tests share: issuers, keys and an STS are those of the tests of federation.

#[path = "../../../../federation/tests/federation/support/issuer.rs"]
#[expect(dead_code, reason = "its other tests say more about descriptions")]
pub(crate) mod issuer;
#[path = "../../../../federation/tests/federation/support/keys.rs"]
#[expect(dead_code, reason = "its other tests know more keys and forgeries")]
pub(crate) mod keys;
pub(crate) mod reads;
#[path = "../../../../outbound/tests/support/server.rs"]
#[expect(dead_code, reason = "its other tests redirect")]
pub(crate) mod server;
#[path = "../../../../federation/tests/federation/support/sts.rs"]
pub(crate) mod sts;
pub(crate) mod world;
