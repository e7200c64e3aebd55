//! The table of items.

mod ldap;
mod oidc;
mod system;

use crate::Item;

/// Everything that can be configured, in the order of the document.
pub fn items() -> impl Iterator<Item = &'static Item> + Clone {
    system::ITEMS.iter().chain(ldap::ITEMS).chain(oidc::ITEMS)
}

pub(crate) fn item(name: &str) -> Option<&'static Item> {
    items().find(|item| item.name == name)
}

/// What Harbor knows besides. Setting it must not look like a success.
pub(crate) const UNSUPPORTED: [&str; 11] = [
    "http_authproxy_admin_groups",
    "http_authproxy_admin_usernames",
    "http_authproxy_endpoint",
    "http_authproxy_server_certificate",
    "http_authproxy_skip_search",
    "http_authproxy_tokenreview_endpoint",
    "http_authproxy_verify_cert",
    "uaa_client_id",
    "uaa_client_secret",
    "uaa_endpoint",
    "uaa_verify_cert",
];
