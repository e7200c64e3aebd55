//! Items about a directory, in Harbor's words. What they mean in full stands in `berth_ldap::Settings`.

use crate::Plain::{Flag, Number, Text};
use crate::{Item, Kind, Source};

const MAX_TEXT_BYTES: usize = 4096;
/// What an environment of a function can hold at most is less.
const MAX_CERTIFICATES_BYTES: usize = 64 * 1024;
const MAX_TIMEOUT_SECS: i64 = 60;

pub(super) const ITEMS: &[Item] = &[
    text("ldap_url", "", "`ldap://host[:port]` or `ldaps://host[:port]`."),
    text("ldap_search_dn", "", "Who searches: a distinguished name, or empty for nobody."),
    Item {
        name: "ldap_search_password",
        kind: Kind::Secret,
        default: Text(""),
        source: Source::Api,
        meaning: "The password of the search DN.",
    },
    text("ldap_base_dn", "", "Where people are."),
    text("ldap_filter", "", "Which entries are people; empty for all."),
    text(
        "ldap_uid",
        "cn",
        "The attribute with the name that people sign in with, such as `uid` or `sAMAccountName`.",
    ),
    scope(
        "ldap_scope",
        "How far below the base people are: 0 (the base itself), 1 (one level), 2 (everything).",
    ),
    Item {
        name: "ldap_timeout",
        kind: Kind::Number { min: 1, max: MAX_TIMEOUT_SECS },
        default: Number(5),
        source: Source::Api,
        meaning: "How many seconds one step of a sign-in may take.",
    },
    flag("ldap_verify_cert", true, "Whether the directory's certificate must be good."),
    text("ldap_group_base_dn", "", "Where groups are; empty for where people are."),
    text("ldap_group_search_filter", "", "Which entries are groups; empty for all."),
    text("ldap_group_attribute_name", "cn", "The attribute with the name of a group."),
    scope("ldap_group_search_scope", "How far below the group base groups are, as `ldap_scope`."),
    text(
        "ldap_group_membership_attribute",
        "memberof",
        "The attribute of a person with the distinguished names of his groups.",
    ),
    text("ldap_group_admin_dn", "", "The group whose members are system administrators; empty for none."),
    flag(
        "ldap_group_attach_parallel",
        false,
        "Has no effect: groups are always asked for several at a time.",
    ),
    flag("ldap_nested_groups", false, "Whether the groups that a group is in count too. Not in Harbor."),
    flag(
        "ldap_start_tls",
        false,
        "Whether an `ldap` connection becomes TLS before anything is said. Not in Harbor.",
    ),
    Item {
        name: "ldap_ca_certificates",
        kind: Kind::Text { max_bytes: MAX_CERTIFICATES_BYTES },
        default: Text(""),
        source: Source::Api,
        meaning: "Certificates in PEM that the directory's must lead to; empty for the system's. Not in Harbor.",
    },
];

const fn text(name: &'static str, default: &'static str, meaning: &'static str) -> Item {
    let kind = Kind::Text { max_bytes: MAX_TEXT_BYTES };
    Item { name, kind, default: Text(default), source: Source::Api, meaning }
}

const fn flag(name: &'static str, default: bool, meaning: &'static str) -> Item {
    Item { name, kind: Kind::Flag, default: Flag(default), source: Source::Api, meaning }
}

const fn scope(name: &'static str, meaning: &'static str) -> Item {
    let kind = Kind::Number { min: 0, max: 2 };
    Item { name, kind, default: Number(2), source: Source::Api, meaning }
}
