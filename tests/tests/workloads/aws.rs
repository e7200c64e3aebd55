//! AWS roles. The STS is one of the tests, so that they need no emulator; `deploy/workloads.rs` asks the emulator's.

use aws_credential_types::Credentials;
use berth_federation::aws::presign;
use serde_json::json;

use crate::keys::Key;
use crate::server::{Reply, Server};
use crate::sts::{self, JSON, KEY_ID, REGION, SECRET};
use crate::world::{ROBOT, World, now_secs};

const AWS: &str = "urn:berth:params:oauth:token-type:aws-v1";

/// The servers of the test need a runtime of their own, since the registry is told of them when it starts.
pub(crate) fn world() -> (World, Server, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let sts = runtime.block_on(sts::start(Reply::ok(JSON)));
    let endpoint = format!("http://127.0.0.1:{}", sts.port);
    (World::with(Key::p256(), &["--sts-endpoint", &endpoint]), sts, runtime)
}

pub(crate) fn trust_the_role(world: &World) {
    world.rule(&json!({
        "name": "the role deploy", "account": "123456789012",
        "principals": ["arn:aws:iam::123456789012:role/deploy"],
    }));
}

#[test]
fn workloads_of_aws_are_the_robot_that_trusts_their_role() {
    let (world, sts, _runtime) = world();
    let sign = |secret: &str, registry: &str| {
        let credentials = Credentials::new(KEY_ID, secret, None, None, "test");
        presign(&credentials, REGION, registry, now_secs()).expect("a proof")
    };
    let proof = sign(SECRET, world.berth.host());
    assert_eq!(world.token("aws", &proof).status(), 401);
    assert!(sts.received().is_empty(), "without a rule nobody is asked");

    trust_the_role(&world);
    for user in ["aws", ROBOT] {
        world.push_and_pull(&world.bearer(user, &proof), "by a role");
    }
    assert_eq!(world.token("aws", &sign("another secret", world.berth.host())).status(), 401);
    assert_eq!(world.token("aws", &sign(SECRET, "other.example")).status(), 401);

    let body: serde_json::Value = world.exchange(AWS, &proof).json().expect("JSON");
    let identity = body["access_token"].as_str().expect("a token");
    let asked = sts.received().len();
    assert!(world.is_let_in(ROBOT, identity));
    assert_eq!(sts.received().len(), asked, "an identity token needs no STS");
}
