//! Who AWS says the caller is.

use super::is_account;

/// An AWS principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsPrincipal {
    /// The account: 12 digits.
    pub account: String,
    /// The ARN of the user or the role. Of an assumed role it is that of the role, without its path, which STS does not tell: the name of
    /// the session is the caller's own choice and proves nothing.
    pub arn: String,
    /// The unique id. It changes when a role or user is deleted and made anew; of an assumed role it ends in the session.
    pub user_id: String,
}

impl AwsPrincipal {
    /// What STS answered, if it makes sense.
    pub(super) fn from_identity(account: &str, arn: &str, user_id: &str) -> Option<Self> {
        let fields: Vec<_> = arn.splitn(6, ':').collect();
        let &["arn", partition, service, "", arn_account, resource] = fields.as_slice() else { return None };
        let is_partition = partition == "aws" || partition.starts_with("aws-");
        if !is_partition || !is_account(account) || arn_account != account || user_id.is_empty() {
            return None;
        }
        let path: Vec<_> = resource.split('/').collect();
        let arn = match (service, path.as_slice()) {
            ("sts", ["assumed-role", role, session]) if !role.is_empty() && !session.is_empty() => {
                format!("arn:{partition}:iam::{account}:role/{role}")
            }
            ("sts", ["federated-user", name]) if !name.is_empty() => arn.to_owned(),
            ("iam", ["root"]) => arn.to_owned(),
            ("iam", ["user", .., name]) if !name.is_empty() => arn.to_owned(),
            _ => return None,
        };
        Some(Self { account: account.to_owned(), arn, user_id: user_id.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let table = [
            ("arn:aws:sts::123456789012:assumed-role/ci/run-1", Some("arn:aws:iam::123456789012:role/ci")),
            (
                "arn:aws-cn:sts::123456789012:assumed-role/ci/s:x",
                Some("arn:aws-cn:iam::123456789012:role/ci"),
            ),
            ("arn:aws:iam::123456789012:user/alice", Some("arn:aws:iam::123456789012:user/alice")),
            (
                "arn:aws:iam::123456789012:user/team/a/alice",
                Some("arn:aws:iam::123456789012:user/team/a/alice"),
            ),
            ("arn:aws:iam::123456789012:root", Some("arn:aws:iam::123456789012:root")),
            (
                "arn:aws:sts::123456789012:federated-user/bob",
                Some("arn:aws:sts::123456789012:federated-user/bob"),
            ),
            ("arn:aws:sts::210987654321:assumed-role/ci/s", None),
            ("arn:aws:sts::123456789012:assumed-role/ci", None),
            ("arn:aws:sts::123456789012:assumed-role/a/ci/s", None),
            ("arn:aws:sts::123456789012:assumed-role//s", None),
            ("arn:aws:sts:us-east-1:123456789012:assumed-role/ci/s", None),
            ("arn:aws:iam::123456789012:role/ci", None),
            ("arn:aws:iam::123456789012:user/", None),
            ("arn:evil:iam::123456789012:root", None),
            ("arn:aws:s3:::123456789012", None),
            ("", None),
        ];
        for (arn, expected) in table {
            let principal = AwsPrincipal::from_identity("123456789012", arn, "AIDA");
            assert_eq!(principal.map(|found| found.arn).as_deref(), expected, "{arn}");
        }
        assert_eq!(AwsPrincipal::from_identity("12345678901", "arn:aws:iam::12345678901:root", "x"), None);
        assert_eq!(AwsPrincipal::from_identity("123456789012", "arn:aws:iam::123456789012:root", ""), None);
    }
}
