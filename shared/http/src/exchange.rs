//! `POST /token` with `grant_type=urn:ietf:params:oauth:grant-type:token-exchange`: a proof from elsewhere for a token that is the password
//! of a robot here (RFC 8693).
//!
//! `subject_token` is a JSON Web Token of an issuer, or a presigned `GetCallerIdentity`. `username` may name the robot; otherwise the first
//! trust rule that fits counts. What is given is no access token: it goes to the token service in the place of a password.

use berth_registry::{Credentials, Exchanged, Forbidden, SignIn, Visit};
use http::header::CACHE_CONTROL;
use http::{Response, StatusCode};
use serde_json::json;

use crate::answer::{Answer, Body};
use crate::failure::Failure;
use crate::token::Form;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
/// What a proof can be.
const SUBJECTS: [&str; 3] =
    [JWT, "urn:ietf:params:oauth:token-type:id_token", "urn:berth:params:oauth:token-type:aws-v1"];

/// Whether a form asks for this.
pub(crate) fn is_wanted(form: &Form) -> bool {
    form.field("grant_type").is_some_and(|grant| grant == GRANT)
}

/// Answers the form, and says who it was: the robot that the proof is good for, or else the one that was asked for. What is wrong
/// with the form is said in the words of RFC 6749, section 5.2.
pub(crate) async fn answer(
    sign_in: &dyn SignIn,
    form: &Form,
    visit: &Visit,
) -> (String, Result<Response<Body>, Failure>) {
    let asked = form.field("username").unwrap_or_default();
    let proof = match proof(form, &asked) {
        Ok(proof) => proof,
        Err(refusal) => return (asked, Ok(*refusal)),
    };
    match sign_in.exchange(proof, visit).await {
        Ok(exchanged) => (exchanged.name.clone(), Ok(issued(&exchanged))),
        Err(Forbidden::Unauthenticated) => {
            let message = "no trust rule accepts this token, or it is not valid at the moment";
            (asked, Ok(refused(StatusCode::UNAUTHORIZED, "invalid_client", message)))
        }
        Err(error) => (asked, Err(error.into())),
    }
}

/// The proof in the form, or the answer that says what is wrong.
fn proof(form: &Form, asked: &str) -> Result<Credentials, Box<Response<Body>>> {
    let invalid = |message: &str| Err(Box::new(refused(StatusCode::BAD_REQUEST, "invalid_request", message)));
    let Some(subject) = form.field("subject_token").filter(|token| !token.is_empty()) else {
        return invalid("subject_token is missing");
    };
    let kind = form.field("subject_token_type").unwrap_or_default();
    if !SUBJECTS.contains(&kind.as_str()) {
        let message = format!("subject_token_type must be one of {}", SUBJECTS.join(", "));
        return invalid(&message);
    }
    if form.field("requested_token_type").is_some_and(|wanted| wanted != JWT) {
        let message = format!("requested_token_type can be {JWT} alone");
        return invalid(&message);
    }
    Ok(Credentials { user: asked.to_owned(), password: subject })
}

/// RFC 8693, section 2.2.1; `username` is ours.
fn issued(exchanged: &Exchanged) -> Response<Body> {
    let body = json!({
        "access_token": exchanged.token.text,
        "issued_token_type": JWT,
        "token_type": "N_A",
        "expires_in": exchanged.token.ttl_secs,
        "username": exchanged.name,
    });
    Answer::new(StatusCode::OK).header(CACHE_CONTROL, "no-store").json(&body).build()
}

fn refused(status: StatusCode, error: &str, description: &str) -> Response<Body> {
    let body = json!({ "error": error, "error_description": description });
    Answer::new(status).header(CACHE_CONTROL, "no-store").json(&body).build()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use berth_registry::{Caller, Token, TokenRequest};
    use http::{Method, Request};
    use http_body_util::BodyExt;
    use serde_json::Value;

    use super::*;
    use crate::answer::whole_body;
    use crate::token::Wanted;

    /// Takes the proof `good`, and remembers what it was asked.
    #[derive(Default)]
    struct Exchange {
        asked: Mutex<Vec<Credentials>>,
    }

    #[async_trait]
    impl SignIn for Exchange {
        async fn caller(&self, _: Option<&str>, _: &Visit) -> Result<Caller, Forbidden> {
            Err(Forbidden::Unauthenticated)
        }

        async fn token(&self, _: TokenRequest, _: &Visit) -> Result<Token, Forbidden> {
            Err(Forbidden::Unauthenticated)
        }

        async fn exchange(&self, proof: Credentials, _: &Visit) -> Result<Exchanged, Forbidden> {
            let is_good = proof.password == "good";
            self.asked.lock().unwrap().push(proof);
            let token = Token { text: "t".to_owned(), ttl_secs: 900, issued_at_secs: 7 };
            is_good
                .then(|| Exchanged { name: "robot$ci".to_owned(), token })
                .ok_or(Forbidden::Unauthenticated)
        }

        fn key_set(&self) -> String {
            String::new()
        }
    }

    async fn post(exchange: &Exchange, form: &str) -> (u16, Value) {
        let request = Request::builder().method(Method::POST).uri("/token");
        let request = request.body(whole_body(form.to_owned())).unwrap();
        let (parts, body) = request.into_parts();
        let Wanted::Exchange(form) = crate::token::read(&parts, body).await.unwrap() else {
            panic!("no exchange")
        };
        let visit = Visit { host: "registry.example".to_owned(), address: None };
        let (name, answer) = super::answer(exchange, &form, &visit).await;
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        assert_eq!(name, if status == 200 { "robot$ci" } else { "" });
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    fn form(more: &str) -> String {
        format!("grant_type={GRANT}&{more}")
    }

    #[tokio::test]
    async fn a_proof_gives_a_token_that_is_no_access_token() {
        let exchange = Exchange::default();
        for kind in SUBJECTS {
            let form = form(&format!("subject_token=good&subject_token_type={kind}&username=robot%24ci"));
            let expected = json!({
                "access_token": "t", "issued_token_type": JWT, "token_type": "N_A", "expires_in": 900,
                "username": "robot$ci",
            });
            assert_eq!(post(&exchange, &form).await, (200, expected), "{kind}");
        }
        let asked = exchange.asked.lock().unwrap();
        assert!(asked.iter().all(|proof| proof.user == "robot$ci" && proof.password == "good"));
    }

    #[tokio::test]
    async fn what_is_wrong_is_said() {
        let exchange = Exchange::default();
        for (more, status, error, word) in [
            (format!("subject_token_type={JWT}"), 400, "invalid_request", "subject_token is missing"),
            (format!("subject_token=&subject_token_type={JWT}"), 400, "invalid_request", "missing"),
            ("subject_token=good".to_owned(), 400, "invalid_request", "subject_token_type"),
            ("subject_token=good&subject_token_type=x".to_owned(), 400, "invalid_request", JWT),
            (
                format!("subject_token=good&subject_token_type={JWT}&requested_token_type=x"),
                400,
                "invalid_request",
                "requested_token_type",
            ),
            (format!("subject_token=bad&subject_token_type={JWT}"), 401, "invalid_client", "no trust rule"),
        ] {
            let (found, body) = post(&exchange, &form(&more)).await;
            assert_eq!((found, body["error"].as_str()), (status, Some(error)), "{more}");
            assert!(body["error_description"].as_str().unwrap().contains(word), "{body}");
        }
        assert_eq!(exchange.asked.lock().unwrap().len(), 1, "what is malformed is not tried");
    }
}
