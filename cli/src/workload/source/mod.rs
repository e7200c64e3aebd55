//! Where a proof comes from. The first place that has something counts.

mod aws;
mod github;
mod token;

use super::failure::Failure;
use crate::place::Host;

/// What a proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A JSON Web Token.
    Token,
    /// A presigned `GetCallerIdentity`.
    Aws,
}

/// Something that shows who we are, to one registry.
pub(super) struct Proof {
    pub(super) kind: Kind,
    pub(super) text: String,
    /// Where it is from, for people to read.
    pub(super) origin: &'static str,
}

/// What the environment says.
#[derive(Default)]
pub(super) struct Environment {
    /// The registries to answer for; all, if there are none.
    registries: Vec<String>,
    /// The robot to be.
    pub(super) robot: Option<String>,
    /// For whom tokens are made, if not for the registry's host.
    audience: Option<String>,
    github: Option<(String, String)>,
    token: Option<String>,
    token_file: Option<String>,
    aws: aws::Variables,
}

impl Environment {
    /// Reads it through `variable`. An empty value is none.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| variable(name).filter(|value| !value.is_empty());
        let names = get("BERTH_REGISTRY").unwrap_or_default();
        let names = names.split(',').map(|name| name.trim().to_ascii_lowercase());
        Self {
            registries: names.filter(|name| !name.is_empty()).collect(),
            robot: get("BERTH_ROBOT"),
            audience: get("BERTH_AUDIENCE"),
            github: get(github::URL).zip(get(github::TOKEN)),
            token: get(token::VARIABLE),
            token_file: get(token::FILE),
            aws: aws::Variables::read(get),
        }
    }
}

/// A proof for the registry at `host`. [`Failure::NotFound`] if there is none, or if we are to be nobody there.
pub(super) async fn find(environment: &Environment, host: &Host) -> Result<Proof, Failure> {
    let is_named = environment.registries.iter().any(|name| name == host.as_str());
    if !environment.registries.is_empty() && !is_named {
        return Err(Failure::NotFound);
    }
    if environment.audience.is_some() && !is_named {
        let reason = "with it, BERTH_REGISTRY must name the registries that may see the token";
        return Err(Failure::Setting { name: "BERTH_AUDIENCE", reason });
    }
    let audience = environment.audience.as_deref().unwrap_or(host.as_str());
    if let Some((url, token)) = &environment.github {
        return github::proof(url, token, audience).await;
    }
    if let Some(text) = &environment.token {
        return token::proof(text, audience, "BERTH_ID_TOKEN");
    }
    if let Some(path) = &environment.token_file {
        return token::proof(&token::read(path)?, audience, "BERTH_TOKEN_FILE");
    }
    aws::proof(&environment.aws, host).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        let value = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        Environment::read(|name| value(name).map(str::to_owned))
    }

    async fn refusal(pairs: &[(&str, &str)]) -> Option<Failure> {
        let host = Host::parse("registry.example").unwrap();
        find(&environment(pairs), &host).await.err()
    }

    #[tokio::test]
    async fn nothing_is_sent_to_registries_that_are_not_named() {
        let here = token::tests::token("registry.example");
        let elsewhere = token::tests::token("other.example");
        let custom = token::tests::token("custom");
        let off = ("AWS_EC2_METADATA_DISABLED", "true");
        assert_eq!(refusal(&[off]).await, Some(Failure::NotFound));
        assert_eq!(refusal(&[("BERTH_ID_TOKEN", &here)]).await, None);
        assert_eq!(refusal(&[("BERTH_ID_TOKEN", &elsewhere)]).await, Some(Failure::NotFound));
        let named = ("BERTH_REGISTRY", "a.example, Registry.example");
        assert_eq!(refusal(&[("BERTH_ID_TOKEN", &here), named]).await, None);
        assert_eq!(
            refusal(&[("BERTH_ID_TOKEN", &here), ("BERTH_REGISTRY", "a.example")]).await,
            Some(Failure::NotFound)
        );
        let audience = ("BERTH_AUDIENCE", "custom");
        assert!(matches!(
            refusal(&[("BERTH_ID_TOKEN", &custom), audience]).await,
            Some(Failure::Setting { name: "BERTH_AUDIENCE", .. })
        ));
        assert_eq!(refusal(&[("BERTH_ID_TOKEN", &custom), audience, named]).await, None);
    }
}
