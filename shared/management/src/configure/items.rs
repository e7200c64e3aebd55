//! Everything that Harbor can be configured with, as far as it means something here.

use serde_json::{Value, json};

use crate::settings::Settings;
use crate::store::Configured;

/// Something that can be configured.
pub(super) struct Item {
    /// Harbor's name for it.
    pub(super) name: &'static str,
    pub(super) value: Value,
    /// Whether it can be changed here.
    pub(super) editable: bool,
}

/// The items that there are, with their values.
pub(super) fn items(configured: &Configured, settings: &Settings) -> Vec<Item> {
    let editable = |name, value| Item { name, value, editable: true };
    let fixed = |name, value| Item { name, value, editable: false };
    vec![
        editable("project_creation_restriction", json!(configured.project_creation.as_str())),
        editable("robot_token_duration", json!(configured.robot_duration_days)),
        editable("banner_message", json!(configured.banner_message)),
        // Who people are is known here.
        fixed("auth_mode", json!("db_auth")),
        fixed("primary_auth_mode", json!(false)),
        fixed("self_registration", json!(false)),
        // Robots' names are told from people's by this.
        fixed("robot_name_prefix", json!(berth_identity::robots::ROBOT_PREFIX)),
        // Chosen with the deployment, in whole minutes.
        fixed("token_expiration", json!(settings.token_ttl_secs.div_ceil(60))),
        // Of what is not there yet: that it is off.
        fixed("read_only", json!(false)),
        fixed("notification_enable", json!(false)),
        fixed("quota_per_project_enable", json!(false)),
        fixed("storage_per_project", json!(-1)),
        fixed("scanner_skip_update_pulltime", json!(false)),
        fixed("skip_audit_log_database", json!(false)),
        fixed("audit_log_forward_endpoint", json!("")),
        fixed("disabled_audit_log_event_types", json!("")),
    ]
}

/// What Harbor knows besides. It is not there yet and is not shown; setting it must not look like a success.
pub(super) const NOT_YET: &[&str] = &[
    "http_authproxy_admin_groups",
    "http_authproxy_admin_usernames",
    "http_authproxy_endpoint",
    "http_authproxy_server_certificate",
    "http_authproxy_skip_search",
    "http_authproxy_tokenreview_endpoint",
    "http_authproxy_verify_cert",
    "ldap_base_dn",
    "ldap_filter",
    "ldap_group_admin_dn",
    "ldap_group_attach_parallel",
    "ldap_group_attribute_name",
    "ldap_group_base_dn",
    "ldap_group_membership_attribute",
    "ldap_group_search_filter",
    "ldap_group_search_scope",
    "ldap_scope",
    "ldap_search_dn",
    "ldap_search_password",
    "ldap_timeout",
    "ldap_uid",
    "ldap_url",
    "ldap_verify_cert",
    "oidc_admin_group",
    "oidc_auto_onboard",
    "oidc_client_id",
    "oidc_client_secret",
    "oidc_endpoint",
    "oidc_extra_redirect_parms",
    "oidc_group_filter",
    "oidc_groups_claim",
    "oidc_logout",
    "oidc_name",
    "oidc_scope",
    "oidc_user_claim",
    "oidc_verify_cert",
    "session_timeout",
    "uaa_client_id",
    "uaa_client_secret",
    "uaa_endpoint",
    "uaa_verify_cert",
];
