/// What the deployment says about itself. The API shows it and cannot change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How people reach this registry, as in `https://registry.example`.
    pub external_url: String,
    /// The version of Harbor whose API this is, as clients read it: `v2.15.0`, and whatever follows a dash.
    pub harbor_version: String,
}
