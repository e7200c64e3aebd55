//! Issuers that serve everybody: a rule for one of them must say whose workloads it means.

/// A claim that names a tenant, and how many of its leading segments must be literal for that.
type Tenant = (&'static str, usize);

/// Which claims tell the tenants of a shared issuer apart. A workflow reference or an actor is not among them: anybody may call a
/// public workflow, and anybody may be made to act in a foreign repository.
const SHARED: [(&str, &[Tenant]); 4] = [
    (
        "https://token.actions.githubusercontent.com",
        &[
            ("repository_id", 1),
            ("repository_owner_id", 1),
            ("repository", 1),
            ("repository_owner", 1),
            ("enterprise_id", 1),
            ("enterprise", 1),
            ("sub", 2),
        ],
    ),
    (
        "https://gitlab.com",
        &[("project_id", 1), ("namespace_id", 1), ("project_path", 1), ("namespace_path", 1), ("sub", 2)],
    ),
    (
        "https://agent.buildkite.com",
        &[("organization_id", 1), ("pipeline_id", 1), ("organization_slug", 1), ("sub", 2)],
    ),
    (
        "https://app.terraform.io",
        &[
            ("terraform_organization_id", 1),
            ("terraform_workspace_id", 1),
            ("terraform_organization_name", 1),
            ("sub", 2),
        ],
    ),
];

/// The claims of which a rule for `issuer` must pin one. `None` if the issuer has one tenant, as far as we know.
pub(crate) fn tenants(issuer: &str) -> Option<&'static [Tenant]> {
    SHARED.iter().find(|(shared, _)| *shared == issuer).map(|(_, tenants)| *tenants)
}
