//! A proof for an identity token, at the registry's token service (RFC 8693).

use http::{StatusCode, header};
use reqwest::Url;
use serde::Deserialize;

use super::failure::Failure;
use super::line;
use super::source::{Environment, Kind, Proof};
use crate::place::Host;
use crate::registry::Origin;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// What docker signs in with.
pub(super) struct Credentials {
    pub(super) username: String,
    pub(super) secret: String,
}

#[derive(Deserialize)]
struct Exchanged {
    access_token: String,
    username: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    error_description: String,
}

/// Asks the registry, by HTTPS, or by plain HTTP on this machine.
pub(super) async fn exchange(
    environment: &Environment,
    host: &Host,
    proof: &Proof,
) -> Result<Credentials, Failure> {
    let who = host.as_str();
    let bad = |_| Failure::answer(who, "is no registry that can be asked");
    let url = Origin::new(host, false).url("/token").map_err(bad)?;
    let body =
        form(proof, environment.robot.as_deref()).ok_or_else(|| Failure::answer(who, "cannot be asked"))?;
    let request = line::client()?.post(url).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let (status, body) = line::send(who, request.body(body)).await?;
    if status != StatusCode::OK {
        return Err(refusal(who, status, &body, proof));
    }
    let exchanged: Exchanged = serde_json::from_slice(&body)
        .map_err(|_| Failure::answer(who, "answers with something else than a token"))?;
    let username = exchanged.username.unwrap_or_else(|| "oidc".to_owned());
    Ok(Credentials { username, secret: exchanged.access_token })
}

fn form(proof: &Proof, robot: Option<&str>) -> Option<String> {
    let kind = match proof.kind {
        Kind::Token => "urn:ietf:params:oauth:token-type:jwt",
        Kind::Aws => "urn:berth:params:oauth:token-type:aws-v1",
    };
    let mut form = Url::parse("form:").ok()?;
    form.query_pairs_mut()
        .append_pair("grant_type", GRANT)
        .append_pair("subject_token_type", kind)
        .append_pair("subject_token", &proof.text)
        .extend_pairs(robot.map(|robot| ("username", robot)));
    form.query().map(str::to_owned)
}

fn refusal(who: &str, status: StatusCode, body: &[u8], proof: &Proof) -> Failure {
    let said = serde_json::from_slice::<Refused>(body).ok().map(|refused| refused.error_description);
    // It is somebody else's text and goes to a terminal.
    let said: String = said.unwrap_or_default().chars().filter(|one| !one.is_control()).take(200).collect();
    let said =
        if said.is_empty() { format!("answers {status}") } else { format!("answers {status}: {said}") };
    Failure::answer(who, format!("{said} (proof: {})", proof.origin))
}
