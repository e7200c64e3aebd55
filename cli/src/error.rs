//! What ends a command, and the exit code that says which kind it was.

use std::io;
use std::process::ExitCode;

use crate::registry::Failure;
use crate::source::SourceError;

/// The table of exit codes, part of `--help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  this machine failed: a temporary folder, an output, a port, its certificates
  2  the command line is wrong
  3  the source cannot be read or is damaged
  4  the registry refused: credentials, rights, or something it does not take
  5  the registry could not be reached, not be trusted, or was unavailable, tries included";

/// Why a command ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Registry(#[from] Failure),
    /// Harbor's API refused, in its own words.
    #[error("{code}: {message}")]
    Api { code: String, message: String },
    #[error("{what}: {source}")]
    Machine { what: String, source: io::Error },
}

impl Error {
    pub(crate) fn machine(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Machine { what, source }
    }

    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Machine { .. } | Self::Api { .. } | Self::Registry(Failure::Client { .. }) => 1,
            Self::Usage(_) => 2,
            Self::Source(_) => 3,
            Self::Registry(failure) if failure.is_of_content() => 3,
            Self::Registry(Failure::Certificate { .. }) => 5,
            Self::Registry(failure) if failure.is_transient() => 5,
            Self::Registry(_) => 4,
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }
}
