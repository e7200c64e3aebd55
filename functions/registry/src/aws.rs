//! What the AWS SDK must know of where it runs.

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::SharedCredentialsProvider;

/// For a function: all of it is in the variables that Lambda sets, and `AWS_ENDPOINT_URL` that an emulator adds.
///
/// `aws_config::load_from_env` would also look for profiles, instance roles and web identities, which no function has. That is
/// 0.5 MB of code in each.
pub fn lambda_aws() -> SdkConfig {
    of_variables(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// For a server: from variables, profiles, or the role of its container or machine.
pub async fn server_aws() -> SdkConfig {
    aws_config::load_from_env().await
}

fn of_variables(variable: impl Fn(&str) -> Option<String>) -> SdkConfig {
    let mut aws = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(variable("AWS_REGION").map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()));
    aws.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    aws.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_and_endpoint_are_those_of_the_variables() {
        let of = |variables: &'static [(&str, &str)]| {
            of_variables(|name| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        let aws = of(&[("AWS_REGION", "eu-central-1"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")]);
        assert_eq!(aws.region().map(Region::as_ref), Some("eu-central-1"));
        assert_eq!(aws.endpoint_url(), Some("http://127.0.0.1:4566"));
        assert_eq!(of(&[("AWS_REGION", "eu-central-1")]).endpoint_url(), None);
        assert!(of(&[]).credentials_provider().is_some());
    }
}
