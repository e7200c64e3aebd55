//! Words with a meaning of their own.

/// Who else knows people, besides the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMode {
    /// Nobody.
    Database,
    /// An LDAP directory.
    Ldap,
    /// An `OpenID` Connect provider.
    Oidc,
}

/// Who may make projects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectCreation {
    /// Whoever has signed in.
    Everyone,
    /// System administrators alone.
    AdminOnly,
}

impl AuthMode {
    pub(crate) const WORDS: [&'static str; 3] =
        [Self::Database.as_str(), Self::Ldap.as_str(), Self::Oidc.as_str()];

    /// The word in Harbor's REST API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Database => "db_auth",
            Self::Ldap => "ldap_auth",
            Self::Oidc => "oidc_auth",
        }
    }

    /// Of the word; nobody, if there is no such word.
    pub(crate) fn of(word: &str) -> Self {
        let known = [Self::Database, Self::Ldap, Self::Oidc].into_iter().find(|mode| mode.as_str() == word);
        known.unwrap_or(Self::Database)
    }
}

impl ProjectCreation {
    pub(crate) const WORDS: [&'static str; 2] = [Self::Everyone.as_str(), Self::AdminOnly.as_str()];

    /// The word in Harbor's REST API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::AdminOnly => "adminonly",
        }
    }

    /// Of the word; administrators alone, if there is no such word.
    pub(crate) fn of(word: &str) -> Self {
        if word == Self::Everyone.as_str() { Self::Everyone } else { Self::AdminOnly }
    }
}
