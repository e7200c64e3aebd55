//! Why the directory could not be asked. None of these says anything about a password that a person typed.

use berth_registry::BodyError;

use crate::SettingsError;

/// Why a question to the directory has no answer. The text and its sources are for the log and for an administrator who tries
/// settings out; they hold no password and nothing that a user typed.
#[derive(Debug, thiserror::Error)]
pub enum LdapError {
    /// The host is one that no directory may be: see [`Settings::url`](crate::Settings::url).
    #[error("the host of the directory is link-local, or where clouds keep what is secret")]
    Forbidden,
    /// No connection, no TLS, or a connection that ended.
    #[error("the directory cannot be reached")]
    Unreachable(#[source] BodyError),
    /// A step took longer than the settings allow.
    #[error("the directory did not answer in time")]
    Timeout,
    /// The directory does not take the search DN with its password.
    #[error("the directory does not accept the search DN and its password")]
    SearchDnRefused(#[source] BodyError),
    /// The base DN of a search does not exist, or the search DN may not see it.
    #[error("the directory has no such base DN, or hides it from the search DN")]
    NoSuchBase,
    /// The directory answered with an error.
    #[error("the directory refused a request")]
    Refused(#[source] BodyError),
    /// The directory answered with something that is no LDAP, or left out what every entry has.
    #[error("the directory's answer cannot be read: {0}")]
    Unreadable(&'static str),
}

/// Why a directory cannot be used with some settings.
#[derive(Debug, thiserror::Error)]
pub enum PingError {
    /// Nobody was asked: the settings make no sense.
    #[error("the settings are wrong")]
    Settings(#[from] SettingsError),
    /// The directory was asked, in vain.
    #[error("the directory cannot be used")]
    Directory(#[from] LdapError),
}
