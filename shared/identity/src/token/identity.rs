//! Identity tokens: what a workload gets for a proof, and uses as the password of the robot that it is.

use serde::{Deserialize, Serialize};

use super::{Tokens, is_good};

/// The `typ` of their headers.
pub(crate) const IDENTITY_TYPE: &str = "berth-identity+jwt";

/// The claims of an identity token (RFC 7519, section 4.1). None of them gives access: what the robot may do is looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) iss: String,
    /// The robot's full name.
    pub(crate) sub: String,
    /// The host that gave it.
    pub(crate) aud: String,
    pub(crate) exp: u64,
    pub(crate) nbf: u64,
    pub(crate) iat: u64,
    pub(crate) jti: String,
    /// The robot's number: a later robot of the same name is another one.
    pub(crate) robot_id: u64,
    /// The rule that accepted the proof. Without it the token is void.
    pub(crate) rule_id: u64,
}

impl Tokens {
    /// An identity token with these claims. `None` only if the library refuses its own key.
    pub(crate) fn sign_identity(&self, claims: &Identity) -> Option<String> {
        self.signed(IDENTITY_TYPE, claims)
    }

    /// What an identity token says that was signed here, for `audience`, and is good at `now_secs`.
    pub(crate) fn verify_identity(&self, token: &str, audience: &str, now_secs: u64) -> Option<Identity> {
        let claims: Identity = self.opened(IDENTITY_TYPE, token, audience)?;
        is_good(claims.nbf, claims.exp, now_secs).then_some(claims)
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, Header, encode};
    use serde_json::{Value, json};

    use super::*;
    use crate::token::{Access, Claims, ISSUER};

    const NOW: u64 = 1_800_000_000;
    const HOST: &str = "registry.example";

    fn tokens() -> Tokens {
        Tokens::new("a secret", None).unwrap()
    }

    fn identity() -> Identity {
        Identity {
            iss: ISSUER.to_owned(),
            sub: "robot$team+ci".to_owned(),
            aud: HOST.to_owned(),
            exp: NOW + 3600,
            nbf: NOW,
            iat: NOW,
            jti: "1".to_owned(),
            robot_id: 7,
            rule_id: 9,
        }
    }

    fn access() -> Claims {
        let Identity { iss, sub, aud, exp, nbf, iat, jti, .. } = identity();
        Claims { iss, sub, aud, exp, nbf, iat, jti, access: vec![Access::catalog(true)] }
    }

    /// A token with claims of both kinds, signed with our own key, of this `typ`.
    fn both(kind: Option<&str>) -> String {
        let mut claims = serde_json::to_value(access()).unwrap();
        claims["robot_id"] = json!(7);
        claims["rule_id"] = json!(9);
        let (key, mut header) = (&tokens().keys[0], Header::new(Algorithm::ES256));
        header.kid = Some(key.id.clone());
        header.typ = kind.map(str::to_owned);
        encode::<Value>(&header, &claims, &key.signing).unwrap()
    }

    #[test]
    fn an_identity_token_is_good_at_its_host_until_it_ends() {
        let token = tokens().sign_identity(&identity()).unwrap();
        assert_eq!(tokens().verify_identity(&token, HOST, NOW), Some(identity()));
        for (host, now_secs) in [("other.example", NOW), (HOST, NOW + 3600), (HOST, NOW - 61)] {
            assert_eq!(tokens().verify_identity(&token, host, now_secs), None, "{host} {now_secs}");
        }
        let next = Tokens::new("another secret", Some("a secret")).unwrap();
        assert_eq!(next.verify_identity(&token, HOST, NOW), Some(identity()));
        let stranger = Tokens::new("another secret", None).unwrap();
        assert_eq!(stranger.verify_identity(&token, HOST, NOW), None);
    }

    #[test]
    fn neither_kind_is_taken_for_the_other() {
        let tokens = tokens();
        let (identity, access) =
            (tokens.sign_identity(&identity()).unwrap(), tokens.sign(&access()).unwrap());
        assert_eq!(tokens.verify(&identity, HOST, NOW), None);
        assert_eq!(tokens.verify_identity(&access, HOST, NOW), None);
        assert!(tokens.verify(&access, HOST, NOW).is_some());
    }

    /// The type alone decides, also where the claims would do for both.
    #[test]
    fn the_type_decides() {
        for (kind, is_access, is_identity) in [
            (Some("JWT"), true, false),
            (Some(IDENTITY_TYPE), false, true),
            (Some("jwt"), false, false),
            (Some(""), false, false),
            (None, false, false),
        ] {
            let token = both(kind);
            assert_eq!(tokens().verify(&token, HOST, NOW).is_some(), is_access, "{kind:?}");
            assert_eq!(tokens().verify_identity(&token, HOST, NOW).is_some(), is_identity, "{kind:?}");
        }
    }

    #[test]
    fn claims_that_are_missing_make_no_identity() {
        let (key, mut header) = (&tokens().keys[0], Header::new(Algorithm::ES256));
        header.kid = Some(key.id.clone());
        header.typ = Some(IDENTITY_TYPE.to_owned());
        for missing in ["iss", "sub", "aud", "exp", "nbf", "robot_id", "rule_id"] {
            let mut claims = serde_json::to_value(identity()).unwrap();
            claims.as_object_mut().unwrap().remove(missing);
            let token = encode(&header, &claims, &key.signing).unwrap();
            assert_eq!(tokens().verify_identity(&token, HOST, NOW), None, "{missing}");
        }
    }
}
