//! Upload sessions: for whom and for how long they hold.

use std::time::Duration;

use berth_protocol::Algorithm;
use berth_registry::upload::{SessionError, Signer};
use berth_testkit::build::{blob, repository};
use berth_testkit::stream_of;

use crate::registry::{TestRegistry, app, may_push};

const SECOND: Duration = Duration::from_secs(1);
const ALMOST_A_DAY: Duration = Duration::from_secs(24 * 60 * 60 - 1);

#[tokio::test]
async fn a_session_holds_for_a_day_and_for_its_repository() {
    let test = TestRegistry::new();
    let permit = may_push(&app()).await;
    let session = test.registry.start_upload(Algorithm::Sha256);
    let signed = test.registry.sign_session(&permit, &session, false);
    assert_eq!(test.registry.check_session(&permit, &signed), Ok(session.clone()));
    let other = may_push(&repository("other")).await;
    assert_eq!(test.registry.check_session(&other, &signed), Err(SessionError::Unknown));
    test.memory.clock().advance(ALMOST_A_DAY);
    assert_eq!(test.registry.check_session(&permit, &signed), Ok(session));
    test.memory.clock().advance(SECOND);
    assert_eq!(test.registry.check_session(&permit, &signed), Err(SessionError::Expired));
}

#[tokio::test]
async fn a_session_survives_one_change_of_the_key() {
    let test = TestRegistry::new();
    let permit = may_push(&app()).await;
    let session = test.registry.start_upload(Algorithm::Sha256);
    let signed = test.registry.sign_session(&permit, &session, true);
    let rotated = |current: &str, previous: &str| {
        TestRegistry::on(test.memory.clone(), Signer::new(current, Some(previous.to_owned())))
    };
    let once = rotated("second key", "first key");
    assert_eq!(once.registry.check_session(&permit, &signed), Ok(session));
    let twice = rotated("third key", "second key");
    assert_eq!(twice.registry.check_session(&permit, &signed), Err(SessionError::Unknown));
}

#[tokio::test]
async fn an_upload_goes_on_under_the_new_key() -> anyhow::Result<()> {
    let (test, blob) = (TestRegistry::new(), blob("first and last"));
    let permit = may_push(&app()).await;
    let session = test.registry.start_upload(Algorithm::Sha256);
    test.registry.append_upload(&permit, &session, None, stream_of("first ".into(), 9)).await?;
    let signed = test.registry.sign_session(&permit, &session, true);
    let rotated =
        TestRegistry::on(test.memory.clone(), Signer::new("second key", Some("first key".to_owned())));
    let session = rotated.registry.check_session(&permit, &signed)?;
    let rest = stream_of("and last".into(), 9);
    rotated.registry.finish_upload(&permit, &session, &blob.digest, None, rest).await?;
    assert_eq!(test.blob(&app(), &blob.digest).await?, Some(blob.content));
    Ok(())
}
