//! The configuration at one moment.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::items::{item, items};
use crate::{AuthMode, Change, Item, Locks, ProjectCreation, Refusal, Source};

/// The configuration at one moment: the environment's values, then what was configured, then defaults. `Debug` shows no value.
#[derive(Clone, Default)]
pub struct Configured {
    /// By name, of the right kinds, secrets opened.
    pub(crate) values: BTreeMap<String, Value>,
    pub(crate) locks: Arc<Locks>,
    /// Of the record; `None` if nothing was configured yet.
    pub(crate) revision: Option<String>,
}

/// An item as everybody may see it who may see the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The item's name.
    pub name: &'static str,
    /// Its value.
    pub value: Value,
    /// Whether it can be changed.
    pub editable: bool,
}

impl Configured {
    /// Every item but the secrets, which are not even named, as in Harbor.
    pub fn shown(&self) -> Vec<Shown> {
        let shown = items().filter(|item| !item.is_secret());
        shown
            .map(|item| Shown { name: item.name, value: self.value(item), editable: self.is_editable(item) })
            .collect()
    }

    /// What of a document is a change, or why none of it can be done. Names that nobody knows and values that are null are passed
    /// over, as in Harbor; what cannot be changed can be said as it is, but a secret that is locked: whoever tries one must not
    /// learn whether it is right.
    pub fn change(&self, asked: &BTreeMap<String, Value>) -> Result<Change, Refusal> {
        Change::read(self, asked)
    }

    /// The same after a change.
    #[must_use]
    pub fn after(&self, change: &Change) -> Self {
        let mut changed = self.clone();
        changed.values.extend(change.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        changed
    }

    /// Another text after each change by somebody. For whoever keeps what he made of the configuration.
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or_default()
    }

    /// Who else knows people.
    pub fn auth_mode(&self) -> AuthMode {
        AuthMode::of(&self.text("auth_mode"))
    }

    /// Whether the sign-in page leads to the other system at once.
    pub fn is_primary_auth_mode(&self) -> bool {
        self.flag("primary_auth_mode")
    }

    /// Who may make projects.
    pub fn project_creation(&self) -> ProjectCreation {
        ProjectCreation::of(&self.text("project_creation_restriction"))
    }

    /// For how many days a robot is made if nobody says otherwise; -1 for ever.
    pub fn robot_duration_days(&self) -> i64 {
        self.number("robot_token_duration")
    }

    /// For how long a browser stays signed in.
    pub fn session_timeout_mins(&self) -> u64 {
        self.number("session_timeout").unsigned_abs()
    }

    /// What everybody is told. Empty for nothing.
    pub fn banner_message(&self) -> String {
        self.text("banner_message")
    }

    /// What is configured of a directory: every item whose name begins with `ldap_`, **with the password**.
    pub fn ldap(&self) -> Map<String, Value> {
        self.named_so("ldap_")
    }

    /// What is configured of an `OpenID` Connect provider: every item whose name begins with `oidc_`, **with the secret**.
    pub fn oidc(&self) -> Map<String, Value> {
        self.named_so("oidc_")
    }

    fn named_so(&self, prefix: &str) -> Map<String, Value> {
        let found = items().filter(|item| item.name.starts_with(prefix));
        found.map(|item| (item.name.to_owned(), self.value(item))).collect()
    }

    pub(crate) fn value(&self, item: &Item) -> Value {
        let configured = || (item.source == Source::Api).then(|| self.values.get(item.name)).flatten();
        self.locks.value(item.name).or_else(configured).cloned().unwrap_or_else(|| item.default.value())
    }

    pub(crate) fn is_editable(&self, item: &Item) -> bool {
        item.source == Source::Api && self.locks.value(item.name).is_none()
    }

    fn named(&self, name: &str) -> Value {
        item(name).map(|item| self.value(item)).unwrap_or_default()
    }

    fn text(&self, name: &str) -> String {
        self.named(name).as_str().unwrap_or_default().to_owned()
    }

    fn number(&self, name: &str) -> i64 {
        self.named(name).as_i64().unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.named(name).as_bool().unwrap_or_default()
    }
}

impl fmt::Debug for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Configured").field("revision", &self.revision).finish_non_exhaustive()
    }
}
