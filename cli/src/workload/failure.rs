//! What docker and its user are told.

/// Why there are no credentials. Docker shows the text as it is; none holds a secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// Docker goes on without credentials when it reads this.
    #[error("credentials not found in native keychain")]
    NotFound,
    /// It was started by hand, or by something newer than docker.
    #[error("usage: docker-credential-berth get|store|erase|list, as docker calls it; see docs/workloads.md")]
    Usage,
    /// `docker login` wants to store a password.
    #[error(
        "docker-credential-berth keeps no passwords: it proves anew who it is each time, so leave docker login out, or take the helper \
         out of config.json"
    )]
    KeepsNothing,
    /// Standard input is no text.
    #[error("the name of a registry is expected on standard input")]
    Input,
    /// A setting that cannot be used.
    #[error("{name}: {reason}")]
    Setting {
        /// The variable.
        name: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// A file that cannot be read.
    #[error("{name}: the file {path} cannot be read")]
    File {
        /// The variable that names it.
        name: &'static str,
        /// The file.
        path: String,
    },
    /// Somebody who was to be asked does not answer as he should.
    #[error("{who} {what}")]
    Answer {
        /// Whom we asked.
        who: String,
        /// What he did.
        what: String,
    },
}

impl Failure {
    pub(super) fn answer(who: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Answer { who: who.into(), what: what.into() }
    }
}
