//! Signing in at a real provider: `tests/oidc`, installed by tests/tools/install.sh.

mod browser;
mod server;

use std::sync::Arc;

use berth_oidc::{Callback, Login, OidcError, RelyingParty, Settings};
use berth_outbound::{Outbound, Policy};
use berth_testkit::CountingIds;

use crate::browser::Browser;
use crate::server::{MachineClock, Server};

const BACK: &str = "http://127.0.0.1:5000/c/oidc/callback";

struct World {
    settings: Settings,
    party: RelyingParty,
    server: Server,
}

impl World {
    fn start() -> Option<Self> {
        let server = Server::start()?;
        let settings = Settings {
            endpoint: server.address.clone(),
            client_id: "berth".to_owned(),
            client_secret: "secret of the tests".to_owned(),
            groups_claim: "groups".to_owned(),
            admin_group: "admins".to_owned(),
            ..Settings::default()
        };
        let (clock, ids) = (Arc::new(MachineClock), Arc::new(CountingIds::default()));
        let party = RelyingParty::new(outbound(), clock, ids);
        Some(Self { settings, party, server })
    }

    async fn begin(&self) -> Login {
        self.party.begin(&self.settings, BACK).await.expect("the provider describes itself")
    }
}

fn outbound() -> Outbound {
    Outbound::new(Policy { allow_loopback: true, ..Policy::default() })
}

/// What the browser brings back.
fn callback(url: &str) -> Callback {
    let url = berth_outbound::Url::parse(url).expect("a URL");
    let find =
        |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    Callback { code: find("code"), issuer: find("iss"), error: find("error") }
}

#[tokio::test]
async fn people_of_a_real_provider() {
    let Some(world) = World::start() else { return };
    for (name, groups, is_admin) in
        [("alice", &["devs", "unknown"][..], false), ("root", &["admins"][..], true)]
    {
        let login = world.begin().await;
        let back = Browser::new(outbound()).sign_in(&login.url, name, BACK).await;
        assert!(back.contains(&format!("state={}", login.state)), "{back}");
        let person = world.party.finish(&world.settings, &login.pending, callback(&back)).await;
        let person = person.expect("a good sign-in");
        assert_eq!((person.username.as_str(), person.is_admin), (name, is_admin));
        assert_eq!(person.subject, format!("{}|{name}", world.server.address));
        assert_eq!(person.email, Some(format!("{name}@id.example")));
        // They come with the userinfo.
        assert_eq!(person.groups, groups);
    }
}

#[tokio::test]
async fn a_code_of_a_real_provider_is_good_once_and_for_its_own_sign_in() {
    let Some(world) = World::start() else { return };
    let (login, other) = (world.begin().await, world.begin().await);
    let back = Browser::new(outbound()).sign_in(&login.url, "alice", BACK).await;
    // With another verifier the provider gives nothing, and takes the code for stolen.
    let stolen = world.party.finish(&world.settings, &other.pending, callback(&back)).await;
    assert!(matches!(&stolen, Err(OidcError::Refused(_))), "{stolen:?}");
    let login = world.begin().await;
    let back = Browser::new(outbound()).sign_in(&login.url, "alice", BACK).await;
    assert!(world.party.finish(&world.settings, &login.pending, callback(&back)).await.is_ok());
    let again = world.party.finish(&world.settings, &login.pending, callback(&back)).await;
    assert!(matches!(&again, Err(OidcError::Refused(_))), "{again:?}");
}

#[tokio::test]
async fn an_answer_of_a_second_provider_is_refused() {
    let (Some(world), Some(evil)) = (World::start(), World::start()) else { return };
    let (login, elsewhere) = (world.begin().await, evil.begin().await);
    let back = Browser::new(outbound()).sign_in(&elsewhere.url, "root", BACK).await;
    let mixed = world.party.finish(&world.settings, &login.pending, callback(&back)).await;
    assert!(matches!(&mixed, Err(OidcError::OtherIssuer)), "{mixed:?}");
    // Without its name the code alone is good for nothing here.
    let unnamed = Callback { issuer: None, ..callback(&back) };
    let mixed = world.party.finish(&world.settings, &login.pending, unnamed).await;
    assert!(matches!(&mixed, Err(OidcError::OtherIssuer)), "{mixed:?}");
}

#[tokio::test]
async fn a_wrong_secret_is_our_fault() {
    let Some(world) = World::start() else { return };
    let login = world.begin().await;
    let back = Browser::new(outbound()).sign_in(&login.url, "alice", BACK).await;
    let settings = Settings { client_secret: "wrong".to_owned(), ..world.settings.clone() };
    let error = world.party.finish(&settings, &login.pending, callback(&back)).await;
    assert!(
        matches!(&error, Err(OidcError::Status { status: 401, error, .. }) if error == "invalid_client"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_real_provider_says_where_to_sign_out() {
    let Some(world) = World::start() else { return };
    let url = world.party.logout_url(&world.settings, "http://127.0.0.1:5000/api/docs").await;
    let url = url.expect("an answer").expect("an address");
    let page = Browser::new(outbound()).get(&url).await;
    assert!(page.contains("/session/end/confirm"), "{page}");
}
