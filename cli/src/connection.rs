//! The options that say how to reach a registry.

use crate::error::Error;
use crate::place::Host;
use crate::registry::{Credentials, Origin, Registry};

/// The largest blob that S3 takes as one PUT.
const MAX_PUT_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// How to reach the registry that blobs are sent to.
#[derive(Debug, clap::Args)]
pub struct Connection {
    #[command(flatten)]
    pub(crate) access: Access,
    /// The largest blob that is sent as one PUT; a larger one goes in chunks, if the registry takes them. S3's limit is 5 GiB.
    #[arg(long, value_name = "BYTES", default_value_t = MAX_PUT_BYTES)]
    max_put_bytes: u64,
}

/// How to reach a registry, and as whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Access {
    /// The user to authenticate as.
    ///
    /// Without it: `BERTH_USERNAME` and `BERTH_PASSWORD`, else what `berth login` or `docker login` has stored (config.json and the
    /// credential helpers that it names), else nobody.
    #[arg(long, global = true, requires = "password_stdin", value_name = "NAME")]
    username: Option<String>,
    /// Read the password or token from standard input.
    #[arg(long, global = true, requires = "username")]
    pub(crate) password_stdin: bool,
    #[command(flatten)]
    pub(crate) line: Line,
}

/// The way to a registry.
#[derive(Debug, clap::Args)]
pub(crate) struct Line {
    /// Speak plain HTTP. A loopback host is spoken to in plain HTTP anyway, every other one in HTTPS. Certificates are those of
    /// the system; `SSL_CERT_FILE` names others.
    #[arg(long, global = true)]
    plain_http: bool,
    /// How often a request is tried again after a network error, 429 or 5xx. The pauses double from half a second, or are what
    /// the registry asks for.
    #[arg(
        long,
        global = true,
        value_name = "NUMBER",
        default_value_t = 4,
        value_parser = clap::value_parser!(u32).range(0..=100)
    )]
    retries: u32,
}

impl Connection {
    /// The registry at `host`. Notes, such as that something is tried again, go to `note`.
    pub(crate) async fn registry(
        &self,
        host: &Host,
        note: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Registry, Error> {
        let credentials = self.access.credentials(host).await?;
        let origin = Origin::new(host, self.access.line.plain_http);
        let note = Box::new(note);
        Ok(Registry::new(origin, credentials, self.access.line.retries, self.max_put_bytes, note)?)
    }
}

impl Access {
    /// Who we are to the registry at `host`. Reads standard input if that is asked for.
    pub(crate) async fn credentials(&self, host: &Host) -> Result<Option<Credentials>, Error> {
        Ok(match &self.username {
            Some(username) => Some(Credentials::from_stdin(username.clone())?),
            None => Credentials::find(host).await?,
        })
    }
}

impl Line {
    /// The registry at `host`, to which no blobs are sent.
    pub(crate) fn registry(
        &self,
        host: &Host,
        credentials: Option<Credentials>,
        note: fn(&str),
    ) -> Result<Registry, Error> {
        let origin = Origin::new(host, self.plain_http);
        Ok(Registry::new(origin, credentials, self.retries, MAX_PUT_BYTES, Box::new(note))?)
    }
}
