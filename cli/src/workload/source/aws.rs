//! AWS: credentials of the environment, of the container or of the instance sign a proof, which is sent to the registry alone.

use aws_credential_types::Credentials;
use berth_federation::aws::presign;
use http::header;
use serde::Deserialize;

use super::{Kind, Proof};
use crate::place::Host;
use crate::workload::failure::Failure;
use crate::workload::line;

/// Where containers of ECS and pods of EKS find their credentials.
const CONTAINER: &str = "http://169.254.170.2";
const NEAR: [&str; 4] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "169.254.169.254"];
const INSTANCE: &str = "http://169.254.169.254/latest";
const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const CONTAINER_NAME: &str = "the container's credential service";
const INSTANCE_NAME: &str = "the instance's metadata service";
/// STS has the same answers everywhere in a partition.
const USUAL_REGION: &str = "us-east-1";

/// What the environment says about AWS.
#[derive(Default)]
pub(super) struct Variables {
    keys: Option<(String, String)>,
    session_token: Option<String>,
    region: Option<String>,
    relative_uri: Option<String>,
    full_uri: Option<String>,
    authorization: Option<String>,
    authorization_file: Option<String>,
    has_no_instance: bool,
}

/// Credentials as both services answer them.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
}

impl Variables {
    pub(super) fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            keys: get("AWS_ACCESS_KEY_ID").zip(get("AWS_SECRET_ACCESS_KEY")),
            session_token: get("AWS_SESSION_TOKEN"),
            region: get("AWS_REGION").or_else(|| get("AWS_DEFAULT_REGION")),
            relative_uri: get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
            full_uri: get(FULL_URI),
            authorization: get("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
            authorization_file: get(TOKEN_FILE),
            has_no_instance: get("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value == "true"),
        }
    }
}

/// A proof for the registry at `host`. [`Failure::NotFound`] where nothing is of AWS.
pub(super) async fn proof(variables: &Variables, host: &Host) -> Result<Proof, Failure> {
    let (credentials, origin) = if let Some((key, secret)) = &variables.keys {
        (
            Credentials::new(key, secret, variables.session_token.clone(), None, "environment"),
            "AWS environment",
        )
    } else if variables.relative_uri.is_some() || variables.full_uri.is_some() {
        (of_container(variables).await?, "AWS container")
    } else if variables.has_no_instance {
        return Err(Failure::NotFound);
    } else {
        (of_instance().await?, "AWS instance")
    };
    let region = variables.region.as_deref().unwrap_or(USUAL_REGION);
    let text = presign(&credentials, region, host.as_str(), now_secs());
    let text =
        text.map_err(|error| Failure::answer("AWS credentials", format!("cannot be used: {error}")))?;
    Ok(Proof { kind: Kind::Aws, text, origin })
}

async fn of_container(variables: &Variables) -> Result<Credentials, Failure> {
    let address = match (&variables.relative_uri, &variables.full_uri) {
        (Some(path), _) => format!("{CONTAINER}{path}"),
        (None, full) => full.clone().unwrap_or_default(),
    };
    let mut request = line::near_client()?.get(line::url(FULL_URI, &address, &NEAR)?);
    let authorization = match &variables.authorization_file {
        Some(path) => {
            let file = || Failure::File { name: TOKEN_FILE, path: path.clone() };
            Some(std::fs::read_to_string(path).map_err(|_| file())?.trim().to_owned())
        }
        None => variables.authorization.clone(),
    };
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    credentials(CONTAINER_NAME, &line::read(CONTAINER_NAME, request).await?)
}

/// Version 2 of the service, which asks for a token first. Where it does not answer, this is no instance.
async fn of_instance() -> Result<Credentials, Failure> {
    let client = line::near_client()?;
    let token =
        client.put(format!("{INSTANCE}/api/token")).header("x-aws-ec2-metadata-token-ttl-seconds", "60");
    let token = line::read(INSTANCE_NAME, token).await.map_err(|_| Failure::NotFound)?;
    let token = text(token)?;
    let get = |path: &str| {
        let url = format!("{INSTANCE}/meta-data/iam/security-credentials/{path}");
        client.get(url).header("x-aws-ec2-metadata-token", &token)
    };
    // An instance without a role has no credentials.
    let role = line::read(INSTANCE_NAME, get("")).await.map_err(|_| Failure::NotFound)?;
    let role = text(role)?.lines().next().unwrap_or_default().to_owned();
    credentials(INSTANCE_NAME, &line::read(INSTANCE_NAME, get(&role)).await?)
}

fn credentials(who: &'static str, body: &[u8]) -> Result<Credentials, Failure> {
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| Failure::answer(who, "answers with something else than credentials"))?;
    Ok(Credentials::new(answer.access_key_id, answer.secret_access_key, answer.token, None, "service"))
}

fn text(body: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(body)
        .map_err(|_| Failure::answer(INSTANCE_NAME, "answers with something else than a text"))
}

#[expect(clippy::disallowed_methods, reason = "the proof is dated")]
fn now_secs() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn credentials_of_the_environment_sign_without_asking_anybody() {
        let pairs = [
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "eu-central-1"),
        ];
        let get =
            |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let host = Host::parse("registry.example").unwrap();
        let proof = proof(&Variables::read(get), &host).await.unwrap();
        assert_eq!((proof.kind, proof.origin), (Kind::Aws, "AWS environment"));
        assert!(proof.text.starts_with("berth-aws-v1.") && !proof.text.contains("secret"));
    }

    #[test]
    fn services_answer_credentials() {
        let body = br#"{"AccessKeyId":"a","SecretAccessKey":"b","Token":"c","Expiration":"2026-01-01T00:00:00Z","Code":"Success"}"#;
        let found = credentials(CONTAINER_NAME, body).unwrap();
        assert_eq!((found.access_key_id(), found.session_token()), ("a", Some("c")));
        assert!(credentials(CONTAINER_NAME, b"{}").is_err());
    }
}
