//! CLI tokens: what stands for a user where there is no browser. Harbor has one secret for people of a provider alone.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod secret;

use berth_audit::calendar;
use berth_identity::cli_tokens::CliToken;
use berth_identity::users::{Source, User};
use serde::Serialize;

use crate::access::{Call, OfUser};
use crate::caller::Way;
use crate::failure::Failure;

/// A token as it is shown. What proves it has no field here.
#[derive(Debug, Serialize)]
struct CliTokenView<'a> {
    name: &'a str,
    creation_time: String,
    expiration_time: String,
    /// To the day; absent if it was never used.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_time: Option<String>,
}

impl<'a> CliTokenView<'a> {
    fn of(token: &'a CliToken) -> Self {
        Self {
            name: &token.name,
            creation_time: calendar::rfc3339(token.created_at_secs),
            expiration_time: calendar::rfc3339(token.expires_at_secs),
            last_used_time: token.last_used_secs.map(calendar::rfc3339),
        }
    }
}

/// Only somebody himself makes what stands for him, and only by what is himself: his session, or his own password. A token makes no
/// tokens, so that whoever finds one has it until its end and no longer.
fn by_himself(call: &Call<OfUser>, user: &User) -> Result<(), Failure> {
    if !call.is_self() {
        return Err(Failure::denied("a user makes his CLI tokens himself: they stand for him"));
    }
    // What people of a provider send as a password is a CLI secret.
    let is_himself = match call.asked.way {
        Way::Session => true,
        Way::Secret => user.source != Source::Oidc,
        Way::CliToken | Way::Nobody => false,
    };
    if is_himself {
        return Ok(());
    }
    Err(Failure::denied(
        "a CLI token or CLI secret makes no others: sign in with a browser, or with your password",
    ))
}
