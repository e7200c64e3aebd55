//! Items about an `OpenID` Connect provider, in Harbor's words.

use crate::Plain::{Flag, Text};
use crate::{Item, Kind, Source};

const MAX_TEXT_BYTES: usize = 4096;

pub(super) const ITEMS: &[Item] = &[
    text("oidc_name", "", "What people call the provider."),
    text("oidc_endpoint", "", "The provider's issuer: `https://host[/path]`."),
    text("oidc_client_id", "", "The name that the provider knows this registry by."),
    Item {
        name: "oidc_client_secret",
        kind: Kind::Secret,
        default: Text(""),
        source: Source::Api,
        meaning: "The secret that goes with it.",
    },
    text(
        "oidc_scope",
        "openid,profile,email",
        "What the provider is asked for: `openid` and others, with commas between them.",
    ),
    text(
        "oidc_user_claim",
        "",
        "The claim with the user name; empty for the first there is of `preferred_username`, `email` and `name`.",
    ),
    text("oidc_groups_claim", "", "The claim with the groups; empty for none."),
    text("oidc_group_filter", "", "A regular expression: groups that it does not match are left out."),
    text("oidc_admin_group", "", "The group whose members are system administrators; empty for none."),
    flag("oidc_auto_onboard", false, "Whether the user name is taken from the claim without asking."),
    flag(
        "oidc_verify_cert",
        true,
        "Taken for Harbor's clients. The provider's certificate must be good whatever it says.",
    ),
    text(
        "oidc_extra_redirect_parms",
        "",
        "A JSON object of further parameters of the redirect to the provider.",
    ),
    flag("oidc_logout", false, "Whether signing out here signs out there too."),
];

const fn text(name: &'static str, default: &'static str, meaning: &'static str) -> Item {
    let kind = Kind::Text { max_bytes: MAX_TEXT_BYTES };
    Item { name, kind, default: Text(default), source: Source::Api, meaning }
}

const fn flag(name: &'static str, default: bool, meaning: &'static str) -> Item {
    Item { name, kind: Kind::Flag, default: Flag(default), source: Source::Api, meaning }
}
