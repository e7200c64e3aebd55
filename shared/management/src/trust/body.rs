//! What a client sends of a rule. Nothing in it is secret, so that what is wrong can be quoted.

use std::collections::BTreeMap;

use berth_identity::trust::{AwsRule, Condition, Glob, Rule, Trusted};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::request::Asked;

const TOKEN_FIELDS: [&str; 7] =
    ["name", "issuer", "audiences", "claims", "refused_events", "single_use", "max_lifetime_secs"];
const AWS_FIELDS: [&str; 4] = ["name", "account", "principals", "audiences"];

#[derive(Deserialize)]
struct TokenBody {
    name: String,
    issuer: String,
    #[serde(default)]
    audiences: Vec<String>,
    claims: BTreeMap<String, BTreeMap<String, String>>,
    refused_events: Option<Vec<String>>,
    single_use: Option<bool>,
    max_lifetime_secs: Option<u64>,
}

#[derive(Deserialize)]
struct AwsBody {
    name: String,
    account: String,
    principals: Vec<String>,
    #[serde(default)]
    audiences: Vec<String>,
}

/// A rule with an `issuer` is for tokens, one with an `account` for AWS. Without an audience it is for `host`.
pub(super) fn read(asked: &Asked, host: &str) -> Result<Trusted, Failure> {
    let fields: Map<String, Value> = asked.json()?;
    match (fields.contains_key("issuer"), fields.contains_key("account")) {
        (true, false) => token(known(fields, &TOKEN_FIELDS)?, host),
        (false, true) => aws(known(fields, &AWS_FIELDS)?, host),
        (true, true) | (false, false) => Err(Failure::bad_request(
            "a trust rule has either an issuer, for its tokens, or an account, for principals of AWS",
        )),
    }
}

fn token(body: TokenBody, host: &str) -> Result<Trusted, Failure> {
    let claims = body.claims.into_iter().map(|(claim, condition)| {
        let condition = self::condition(&claim, condition)?;
        Ok((claim, condition))
    });
    let claims = claims.collect::<Result<_, Failure>>()?;
    Ok(Trusted::Token(Rule {
        id: String::new(),
        name: body.name,
        issuer: body.issuer,
        audiences: or_host(body.audiences, host),
        claims,
        refused_events: body.refused_events.unwrap_or_else(Rule::dangerous_events),
        single_use: body.single_use.unwrap_or(true),
        max_lifetime_secs: body.max_lifetime_secs.unwrap_or(Rule::USUAL_LIFETIME_SECS),
    }))
}

fn aws(body: AwsBody, host: &str) -> Result<Trusted, Failure> {
    let principals = body.principals.iter().map(|pattern| glob("principals", pattern));
    let principals = principals.collect::<Result<_, Failure>>()?;
    let rule = AwsRule { id: String::new(), name: body.name, account: body.account, principals };
    Ok(Trusted::Aws { rule, registries: or_host(body.audiences, host) })
}

fn condition(claim: &str, condition: BTreeMap<String, String>) -> Result<Condition, Failure> {
    let wrong = || {
        Failure::bad_request(format!(
            "the claim {claim} needs one condition: {{\"equals\": \"text\"}} or {{\"glob\": \"pattern\"}}"
        ))
    };
    let mut parts = condition.into_iter();
    let (kind, text) = parts.next().ok_or_else(wrong)?;
    match (kind.as_str(), parts.next()) {
        ("equals", None) => Ok(Condition::Equals(text)),
        ("glob", None) => Ok(Condition::Glob(glob(claim, &text)?)),
        _ => Err(wrong()),
    }
}

fn glob(place: &str, text: &str) -> Result<Glob, Failure> {
    Glob::parse(text).map_err(|error| Failure::bad_request(format!("{place}: {error}")))
}

fn or_host(audiences: Vec<String>, host: &str) -> Vec<String> {
    if audiences.is_empty() { vec![host.to_owned()] } else { audiences }
}

fn known<T: DeserializeOwned>(fields: Map<String, Value>, names: &[&str]) -> Result<T, Failure> {
    if let Some(unknown) = fields.keys().find(|field| !names.contains(&field.as_str())) {
        let names = names.join(", ");
        return Err(Failure::bad_request(format!("a rule has no field {unknown:?}; it can have {names}")));
    }
    serde_json::from_value(Value::Object(fields))
        .map_err(|error| Failure::bad_request(format!("the rule cannot be read: {error}")))
}
