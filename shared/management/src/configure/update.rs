//! `PUT /configurations`: some items, by name. Names that Harbor does not have are passed over, as Harbor does; what cannot be
//! changed here can only be set to what it is.

use std::collections::BTreeMap;

use berth_configuration::{Change, Configured, Refusal};
use berth_ldap::Settings;
use serde_json::Value;

use super::mode;
use crate::access::{Call, InSystem};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

pub(super) async fn answer(call: Call<InSystem>) -> Outcome {
    let body: BTreeMap<String, Value> = call.asked.json()?;
    let world = call.world();
    let configured = world.configuration.get().await?;
    let change = configured.change(&body)?;
    if change.has(mode::ITEM) && !mode::can_change(world).await? {
        let message = "the auth mode cannot be modified as new users have been inserted into database";
        return Err(Failure::bad_request(message));
    }
    let after = configured.after(&change);
    check_ldap(&after, &change)?;
    check_oidc(&after, &change)?;
    if !change.is_empty() && !world.configuration.update(&change).await? {
        return Err(Failure::conflict("others are changing the configuration; try again"));
    }
    let names: Vec<&str> = change.names().collect();
    Ok(Answer::ok().about("system").saying(format!("update configuration: {}", names.join(", "))))
}

/// Refuses a directory that could not be asked, once there is enough of one: clients may send the items one by one, and the
/// password later.
fn check_ldap(after: &Configured, change: &Change) -> Result<(), Failure> {
    let mut settings = Settings::configured(after);
    // Whether it is there is the business of whoever asks the directory.
    let is_anonymous = settings.search_dn.trim().is_empty();
    settings.search_password = if is_anonymous { String::new() } else { "some".to_owned() };
    let is_whole = !settings.url.is_empty() && !settings.base_dn.is_empty();
    if !is_whole || !change.names().any(|name| name.starts_with("ldap_")) {
        return Ok(());
    }
    Ok(settings.check()?)
}

/// The same for a provider.
fn check_oidc(after: &Configured, change: &Change) -> Result<(), Failure> {
    let settings = berth_oidc::Settings::configured(after);
    let is_whole = !settings.endpoint.is_empty() && !settings.client_id.is_empty();
    if !is_whole || !change.names().any(|name| name.starts_with("oidc_")) {
        return Ok(());
    }
    settings.check().map_err(Failure::bad_request)
}

impl From<Refusal> for Failure {
    /// What the environment has decided is forbidden to everybody, as in Harbor; the rest is wrong.
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Locked { .. } => Self::forbidden_because(refusal),
            Refusal::Malformed { .. } | Refusal::Fixed(_) | Refusal::Unsupported(_) => {
                Self::bad_request(refusal)
            }
        }
    }
}
