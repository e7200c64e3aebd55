//! Harbor's tag `Ldap`: trying a directory out, and looking into the one that is configured.
//!
//! Only hosts that `berth_ldap` allows are asked: not through the guard of requests to hosts that users chose, since a system administrator chooses
//! this one and directories are in private networks.

mod groups;
mod import;
mod ping;
mod users;

use berth_ldap::{Ldap, LdapError, Settings, SettingsError};
use berth_projects::{Action, Resource};

use crate::failure::Failure;
use crate::route::{Route, Verb, run};
use crate::world::World;

const TAG: &str = "Ldap";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Post, "/ldap/ping", "pingLdap", TAG)
        .about("Whether the LDAP directory answers")
        .audited("ping", "ldap")
        .system(Resource::Configuration, Action::Read, run!(ping::answer)),
    Route::new(Verb::Get, "/ldap/users/search", "searchLdapUser", TAG).about("People in LDAP").system(
        Resource::LdapUser,
        Action::List,
        run!(users::answer),
    ),
    Route::new(Verb::Post, "/ldap/users/import", "importLdapUser", TAG)
        .about("Take people over from LDAP")
        .audited("create", "user")
        .system(Resource::LdapUser, Action::Create, run!(import::answer)),
    Route::new(Verb::Get, "/ldap/groups/search", "searchLdapGroup", TAG).about("Groups in LDAP").system(
        Resource::LdapUser,
        Action::List,
        run!(groups::answer),
    ),
];

/// The directory that is configured, whether or not people sign in with it.
async fn directory(world: &World) -> Result<Ldap, Failure> {
    let configured = world.configuration.get().await?;
    Ok(Ldap::new(Settings::configured(&configured))?)
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::bad_request(format!("the configuration of the LDAP directory: {error}"))
    }
}

impl From<LdapError> for Failure {
    /// What is wrong with the directory is told: whoever asks is there to set it right.
    fn from(error: LdapError) -> Self {
        let failure = Self::bad_gateway(&error);
        Self { cause: Some(error.into()), ..failure }
    }
}
