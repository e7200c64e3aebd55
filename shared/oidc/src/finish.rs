//! The second half: what the browser brings back becomes a person.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use berth_federation::Description;
use berth_identity::External;
use berth_outbound::Call;
use form_urlencoded::{Serializer, byte_serialize};
use http::HeaderValue;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde::Deserialize;

use crate::begin::Pending;
use crate::error::plain;
use crate::id_token::{Expected, check};
use crate::person::{is_complete, person};
use crate::{OidcError, RelyingParty, Settings};

const ENDPOINT: &str = "token_endpoint";
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Codes are shorter.
const MAX_CODE_BYTES: usize = 4096;

/// What the browser brings back in its query. That its `state` belongs to this browser is checked before.
#[derive(Clone, Default)]
pub struct Callback {
    /// What becomes tokens.
    pub code: Option<String>,
    /// Who says so (RFC 9207).
    pub issuer: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
    access_token: Option<String>,
}

impl RelyingParty {
    /// Finishes a sign-in: asks the provider for tokens and reads from them who it is. A [`Pending`] is good for one call.
    pub async fn finish(
        &self,
        settings: &Settings,
        pending: &Pending,
        callback: Callback,
    ) -> Result<External, OidcError> {
        settings.check()?;
        // The settings may have become those of another provider in the meantime.
        if pending.issuer != settings.endpoint.trim() || pending.client_id != settings.client_id.trim() {
            return Err(OidcError::OtherIssuer);
        }
        let description = self.description(settings).await?;
        let code = code(&description, callback)?;
        let tokens = self.tokens(settings, &description, pending, &code).await?;
        let id_token = tokens.id_token.ok_or(OidcError::Answer(ENDPOINT))?;
        let claims = self.inner.signatures.claims(&id_token, &pending.issuer).await;
        let mut claims = claims.map_err(OidcError::Signature)?;
        let expected = Expected {
            client_id: &pending.client_id,
            nonce: &pending.nonce,
            now_secs: self.inner.clock.now_secs(),
        };
        let subject = check(&claims, &expected)?;
        if let (false, Some(endpoint), Some(token)) =
            (is_complete(settings, &claims), &description.userinfo_endpoint, &tokens.access_token)
        {
            let more = self.userinfo(endpoint, token, &subject).await?;
            // What is signed goes before what is not.
            for (name, value) in more {
                claims.entry(name).or_insert(value);
            }
        }
        person(settings, &pending.issuer, &subject, &claims)
    }

    async fn tokens(
        &self,
        settings: &Settings,
        description: &Description,
        pending: &Pending,
        code: &str,
    ) -> Result<Tokens, OidcError> {
        let endpoint = description.token_endpoint.as_deref().ok_or(OidcError::Description(ENDPOINT))?;
        let (form, basic) = form(settings, description, pending, code)?;
        let mut call = Call::post(endpoint, form)
            .max_answer_bytes(MAX_ANSWER_BYTES)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
            .header(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(basic) = basic {
            call = call.header(AUTHORIZATION, basic);
        }
        let answer = self.inner.outbound.send(call).await;
        let answer = answer.map_err(|source| OidcError::Outbound { endpoint: ENDPOINT, source })?;
        match answer.status.as_u16() {
            200 => serde_json::from_slice(&answer.body).map_err(|_| OidcError::Answer(ENDPOINT)),
            status => Err(refused(status, &answer.body)),
        }
    }
}

/// What is sent for a code, and what goes into the header `Authorization`.
fn form(
    settings: &Settings,
    description: &Description,
    pending: &Pending,
    code: &str,
) -> Result<(String, Option<HeaderValue>), OidcError> {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &pending.redirect_uri)
        .append_pair("code_verifier", &pending.verifier);
    let basic = match proof(settings, description) {
        Proof::Basic => Some(basic(&pending.client_id, &settings.client_secret)?),
        Proof::Post => {
            form.append_pair("client_id", &pending.client_id)
                .append_pair("client_secret", &settings.client_secret);
            None
        }
        Proof::Public => {
            form.append_pair("client_id", &pending.client_id);
            None
        }
    };
    Ok((form.finish(), basic))
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Callback")
    }
}

/// How we prove ourselves at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    Basic,
    Post,
    Public,
}

fn proof(settings: &Settings, description: &Description) -> Proof {
    if settings.client_secret.is_empty() {
        return Proof::Public;
    }
    let methods = &description.token_endpoint_auth_methods_supported;
    let knows = |method: &str| methods.iter().any(|known| known == method);
    if !methods.is_empty() && !knows("client_secret_basic") && knows("client_secret_post") {
        Proof::Post
    } else {
        Proof::Basic
    }
}

/// Both parts are encoded as in a form first (RFC 6749, section 2.3.1).
fn basic(client_id: &str, client_secret: &str) -> Result<HeaderValue, OidcError> {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(client_id), encoded(client_secret));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))
        .map_err(|_| OidcError::Answer(ENDPOINT))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The code, if the answer is that of the provider that was asked.
fn code(description: &Description, callback: Callback) -> Result<String, OidcError> {
    match &callback.issuer {
        Some(issuer) if *issuer != description.issuer => return Err(OidcError::OtherIssuer),
        None if description.authorization_response_iss_parameter_supported => {
            return Err(OidcError::OtherIssuer);
        }
        Some(_) | None => {}
    }
    if let Some(error) = callback.error {
        return Err(OidcError::Refused(plain(&error)));
    }
    let code = callback.code.filter(|code| (1..=MAX_CODE_BYTES).contains(&code.len()));
    code.ok_or(OidcError::Refused("no code".to_owned()))
}

/// A code that is no longer good is the browser's business; anything else is ours or the provider's.
fn refused(status: u16, body: &[u8]) -> OidcError {
    #[derive(Deserialize)]
    struct Body {
        error: String,
    }
    let error = serde_json::from_slice::<Body>(body).map(|body| plain(&body.error)).unwrap_or_default();
    if error == "invalid_grant" {
        return OidcError::Refused(error);
    }
    OidcError::Status { endpoint: ENDPOINT, status, error }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn description(more: &serde_json::Value) -> Description {
        let mut all = json!({ "issuer": "https://id.example", "jwks_uri": "https://id.example/keys" });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(all).unwrap()
    }

    #[test]
    fn the_proof_is_one_that_the_provider_knows() {
        let secret = |secret: &str| Settings { client_secret: secret.to_owned(), ..Settings::default() };
        for (methods, client_secret, expected) in [
            (json!([]), "s", Proof::Basic),
            (json!(["client_secret_post", "client_secret_basic"]), "s", Proof::Basic),
            (json!(["client_secret_post"]), "s", Proof::Post),
            (json!(["private_key_jwt"]), "s", Proof::Basic),
            (json!(["client_secret_basic"]), "", Proof::Public),
        ] {
            let description = description(&json!({ "token_endpoint_auth_methods_supported": methods }));
            assert_eq!(proof(&secret(client_secret), &description), expected, "{methods}");
        }
        assert_eq!(basic("a b", "c:d").unwrap(), format!("Basic {}", STANDARD.encode("a+b:c%3Ad")));
    }

    #[test]
    fn an_answer_of_another_issuer_is_none() {
        let named = description(&json!({ "authorization_response_iss_parameter_supported": true }));
        let unnamed = description(&json!({}));
        let callback = |issuer: Option<&str>, code: Option<&str>, error: Option<&str>| Callback {
            code: code.map(str::to_owned),
            issuer: issuer.map(str::to_owned),
            error: error.map(str::to_owned),
        };
        let own = Some("https://id.example");
        assert_eq!(code(&named, callback(own, Some("c"), None)).unwrap(), "c");
        assert_eq!(code(&unnamed, callback(None, Some("c"), None)).unwrap(), "c");
        for (description, callback) in [
            (&named, callback(None, Some("c"), None)),
            (&named, callback(Some("https://evil.example"), Some("c"), None)),
            (&unnamed, callback(Some("https://id.example/"), Some("c"), None)),
        ] {
            assert!(matches!(code(description, callback), Err(OidcError::OtherIssuer)));
        }
        for callback in [callback(own, None, None), callback(own, Some(""), None)] {
            assert!(matches!(code(&named, callback), Err(OidcError::Refused(_))));
        }
        let denied = code(&named, callback(own, Some("c"), Some("access_denied\u{1b}[31m")));
        assert!(matches!(denied, Err(OidcError::Refused(word)) if word == "access_denied31m"));
    }
}
