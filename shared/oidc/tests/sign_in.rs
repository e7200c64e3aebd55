//! Signing in at a provider on loopback, also at one that lies.

use std::collections::BTreeMap;
use std::sync::Arc;

use berth_identity::External;
use berth_oidc::{Callback, Login, OidcError, RelyingParty, Settings};
use berth_outbound::{Outbound, Policy, Url};
use berth_registry::Clock;
use berth_testkit::{CountingIds, ManualClock, Provider};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const BACK: &str = "https://registry.example/c/oidc/callback";

struct World {
    provider: Provider,
    settings: Settings,
    party: RelyingParty,
    clock: Arc<ManualClock>,
}

impl World {
    async fn new(change: impl Fn(&mut Settings)) -> Self {
        let provider = Provider::start().await;
        let mut settings = Settings {
            endpoint: provider.url().to_owned(),
            client_id: "berth".to_owned(),
            client_secret: "s3cret".to_owned(),
            groups_claim: "groups".to_owned(),
            ..Settings::default()
        };
        change(&mut settings);
        let clock = Arc::new(ManualClock::default());
        let party = party(true, &clock);
        Self { provider, settings, party, clock }
    }

    async fn begin(&self) -> Login {
        self.party.begin(&self.settings, BACK).await.expect("a sign-in begins")
    }

    /// Claims that are as they should be.
    fn claims(&self, login: &Login) -> Value {
        let now_secs = self.clock.now_secs();
        json!({
            "iss": self.provider.url(), "aud": "berth", "sub": "1", "nonce": query(&login.url)["nonce"],
            "iat": now_secs, "exp": now_secs + 300, "preferred_username": "alice", "email": "alice@example.org",
            "groups": ["devs"],
        })
    }

    async fn finish(&self, login: &Login) -> Result<External, OidcError> {
        let callback = Callback { code: Some("c0de".to_owned()), ..Callback::default() };
        self.party.finish(&self.settings, &login.pending, callback).await
    }
}

fn party(allow_loopback: bool, clock: &Arc<ManualClock>) -> RelyingParty {
    let outbound = Outbound::new(Policy { allow_loopback, ..Policy::default() });
    RelyingParty::new(outbound, Arc::clone(clock) as Arc<dyn Clock>, Arc::new(CountingIds::default()))
}

fn query(url: &str) -> BTreeMap<String, String> {
    Url::parse(url).expect("a URL").query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_person_signs_in_with_a_code_that_is_good_for_this_sign_in_alone() {
    let world = World::new(|settings| {
        settings.extra_redirect_parms = BTreeMap::from([("prompt".to_owned(), "login".to_owned())]);
    })
    .await;
    let (login, other) = (world.begin().await, world.begin().await);
    let asked = query(&login.url);
    assert!(login.url.starts_with(&format!("{}/authorize?", world.provider.url())));
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "berth"),
        ("redirect_uri", BACK),
        ("scope", "openid profile email"),
        ("state", &login.state),
        ("code_challenge_method", "S256"),
        ("prompt", "login"),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(asked[name], query(&other.url)[name], "{name}");
    }
    world.provider.give(&world.provider.signed(&world.claims(&login)));
    let person = world.finish(&login).await.unwrap();
    assert_eq!(person.username, "alice");
    assert_eq!(person.subject, format!("{}|1", world.provider.url()));
    assert_eq!(
        (person.groups, person.email.as_deref()),
        (vec!["devs".to_owned()], Some("alice@example.org"))
    );
    let sent = &world.provider.asked("/token")[0];
    assert!(sent.head.to_lowercase().contains("authorization: basic "), "{}", sent.head);
    assert!(!sent.body.contains("s3cret"), "{}", sent.body);
    let form: BTreeMap<String, String> = form_urlencoded::parse(sent.body.as_bytes()).into_owned().collect();
    assert_eq!((form["code"].as_str(), form["redirect_uri"].as_str()), ("c0de", BACK));
    assert!(form["code_verifier"].len() >= 43, "{}", sent.body);
    assert!(world.provider.asked("/userinfo").is_empty(), "the ID token says all");
    assert_eq!(world.provider.asked("/.well-known/openid-configuration").len(), 2, "once for each use");
}

#[tokio::test]
async fn what_the_id_token_lacks_is_asked_for() {
    let world = World::new(|_| ()).await;
    let login = world.begin().await;
    let mut claims = world.claims(&login);
    for name in ["groups", "email"] {
        claims.as_object_mut().unwrap().remove(name);
    }
    world.provider.give(&world.provider.signed(&claims));
    world.provider.say(json!({ "sub": "1", "groups": ["ops"], "preferred_username": "mallory" }));
    let person = world.finish(&login).await.unwrap();
    assert_eq!((person.username.as_str(), person.groups), ("alice", vec!["ops".to_owned()]));
    assert!(world.provider.asked("/userinfo")[0].head.contains("Bearer at"));
    // What is said about somebody else is not his.
    world.provider.say(json!({ "sub": "2", "groups": ["admins"] }));
    assert!(matches!(world.finish(&login).await, Err(OidcError::Claim(_))));
}

#[tokio::test]
async fn tokens_that_nobody_may_believe() {
    let world = World::new(|_| ()).await;
    let other = Provider::start().await;
    let login = world.begin().await;
    let claims = world.claims(&login);
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let hmac = |message: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&world.provider.public_bytes()).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    };
    let own_key = json!({ "alg": "ES256", "kid": "k1", "jku": format!("{}/keys", other.url()) });
    for (attack, token) in [
        ("none", Provider::token_with(&json!({ "alg": "none" }), &claims, |_| Vec::new())),
        (
            "HS256 with the public key",
            Provider::token_with(&json!({ "alg": "HS256", "kid": "k1" }), &claims, hmac),
        ),
        ("another's signature", other.signed(&claims)),
        ("a key that it brings along", other.token(&own_key, &claims)),
        ("another issuer", world.provider.signed(&with("iss", json!(other.url())))),
        ("another's token as it is", other.signed(&with("iss", json!(other.url())))),
        ("another audience", world.provider.signed(&with("aud", json!("other")))),
        ("another nonce", world.provider.signed(&with("nonce", json!("other")))),
        ("no nonce", world.provider.signed(&with("nonce", Value::Null))),
        ("expired", world.provider.signed(&with("exp", json!(world.clock.now_secs().saturating_sub(61))))),
        ("nothing", String::new()),
    ] {
        world.provider.give(&token);
        let outcome = world.finish(&login).await;
        assert!(
            matches!(outcome, Err(OidcError::Signature(_) | OidcError::Claim(_))),
            "{attack}: {outcome:?}"
        );
        let error = outcome.unwrap_err();
        assert!(error.is_temporary() || error.public().contains("not valid"), "{attack}");
    }
    // The sign-in was good all the time.
    world.provider.give(&world.provider.signed(&claims));
    assert!(world.finish(&login).await.is_ok());
}

#[tokio::test]
async fn a_nonce_is_good_for_its_own_sign_in_alone() {
    let world = World::new(|_| ()).await;
    let (victims, attackers) = (world.begin().await, world.begin().await);
    world.provider.give(&world.provider.signed(&world.claims(&attackers)));
    assert!(matches!(world.finish(&victims).await, Err(OidcError::Claim(_))));
}

#[tokio::test]
async fn answers_that_are_mixed_up_are_refused() {
    let world = World::new(|_| ()).await;
    let other = World::new(|_| ()).await;
    let login = world.begin().await;
    world.provider.give(&world.provider.signed(&world.claims(&login)));
    let callback = |issuer: &str| Callback {
        code: Some("c0de".to_owned()),
        issuer: Some(issuer.to_owned()),
        error: None,
    };
    let finish = |callback| world.party.finish(&world.settings, &login.pending, callback);
    assert!(matches!(finish(callback(other.provider.url())).await, Err(OidcError::OtherIssuer)));
    assert!(world.provider.asked("/token").is_empty(), "no code goes anywhere");
    assert!(finish(callback(world.provider.url())).await.is_ok());
    // The administrator has chosen another provider meanwhile: a code of the old one does not go there.
    let code = callback(world.provider.url());
    let mixed = other.party.finish(&other.settings, &login.pending, code).await;
    assert!(matches!(mixed, Err(OidcError::OtherIssuer)));
    assert!(other.provider.asked("/token").is_empty());
    // A provider that promises to name itself must.
    let strict = World::new(|_| ()).await;
    strict.provider.describe("authorization_response_iss_parameter_supported", json!(true));
    let login = strict.begin().await;
    assert!(matches!(strict.finish(&login).await, Err(OidcError::OtherIssuer)));
}

#[tokio::test]
async fn a_description_of_somebody_else_is_none() {
    let world = World::new(|_| ()).await;
    world.provider.describe("issuer", json!("https://id.example"));
    let refused = world.party.begin(&world.settings, BACK).await;
    assert!(matches!(refused, Err(OidcError::Issuer(_))), "{refused:?}");
    // Whoever keeps trying does not make us keep asking.
    world.provider.describe("issuer", json!(world.provider.url()));
    assert!(world.party.begin(&world.settings, BACK).await.is_err());
    assert_eq!(world.provider.asked("/.well-known/openid-configuration").len(), 1);
    world.clock.advance(std::time::Duration::from_secs(10));
    assert!(world.party.begin(&world.settings, BACK).await.is_ok());
}

#[tokio::test]
async fn nobody_is_asked_inside_our_own_network() {
    let world = World::new(|_| ()).await;
    let guarded = party(false, &world.clock);
    assert!(guarded.begin(&world.settings, BACK).await.is_err());
    assert!(world.provider.asked("/.well-known/openid-configuration").is_empty());
    for endpoint in ["http://169.254.169.254/latest", "http://10.0.0.1/", "file:///etc/passwd"] {
        let world = World::new(|_| ()).await;
        world.provider.describe("token_endpoint", json!(endpoint));
        let login = world.begin().await;
        assert!(matches!(world.finish(&login).await, Err(OidcError::Outbound { .. })), "{endpoint}");
        let world = World::new(|_| ()).await;
        world.provider.describe("authorization_endpoint", json!(endpoint));
        let begun = world.party.begin(&world.settings, BACK).await;
        assert!(matches!(begun, Err(OidcError::Outbound { .. })), "{endpoint}");
    }
}

#[tokio::test]
async fn whose_fault_it_is() {
    let world = World::new(|_| ()).await;
    let login = world.begin().await;
    for (status, body, is_temporary) in [
        (400, json!({ "error": "invalid_grant" }), false),
        (401, json!({ "error": "invalid_client" }), true),
        (500, json!({}), true),
        (302, json!({}), true),
        (200, json!({ "access_token": "at" }), true),
    ] {
        world.provider.refuse(status, body.clone());
        let error = world.finish(&login).await.unwrap_err();
        assert_eq!(error.is_temporary(), is_temporary, "{status} {body}: {error:?}");
        assert!(!format!("{error:?} {error} {}", error.public()).contains("s3cret"));
    }
    let denied = Callback { error: Some("access_denied".to_owned()), ..Callback::default() };
    let denied = world.party.finish(&world.settings, &login.pending, denied).await.unwrap_err();
    assert!(matches!(&denied, OidcError::Refused(code) if code == "access_denied"));
}

#[tokio::test]
async fn a_public_client_proves_itself_by_its_verifier_alone() {
    let world = World::new(|settings| settings.client_secret.clear()).await;
    let login = world.begin().await;
    world.provider.give(&world.provider.signed(&world.claims(&login)));
    world.finish(&login).await.unwrap();
    let sent = &world.provider.asked("/token")[0];
    assert!(!sent.head.to_lowercase().contains("authorization:") && sent.body.contains("client_id=berth"));
}

#[tokio::test]
async fn signing_out_at_the_provider() {
    let world = World::new(|_| ()).await;
    let url = world.party.logout_url(&world.settings, "https://registry.example/").await.unwrap().unwrap();
    assert!(url.starts_with(&format!("{}/end?", world.provider.url())));
    assert_eq!(query(&url)["post_logout_redirect_uri"], "https://registry.example/");
}
