//! GitHub Actions: a job with `permissions: id-token: write` may ask for tokens.

use http::header;
use serde::Deserialize;

use super::{Kind, Proof};
use crate::workload::failure::Failure;
use crate::workload::line;

pub(super) const URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
pub(super) const TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
const WHO: &str = "GitHub";

#[derive(Deserialize)]
struct Answer {
    value: String,
}

/// A token for `audience`, made now.
pub(super) async fn proof(url: &str, token: &str, audience: &str) -> Result<Proof, Failure> {
    let mut url = line::url(URL, url, &[])?;
    url.query_pairs_mut().append_pair("audience", audience);
    let request = line::client()?.get(url).header(header::AUTHORIZATION, format!("bearer {token}"));
    let body = line::read(WHO, request).await?;
    let answer: Answer = serde_json::from_slice(&body)
        .map_err(|_| Failure::answer(WHO, "answers with something else than a token"))?;
    Ok(Proof { kind: Kind::Token, text: answer.value, origin: "GitHub Actions" })
}
