//! The options that say how to reach a registry.

use crate::error::Error;
use crate::place::Host;
use crate::registry::{Credentials, Origin, Registry};

/// How to reach the registry.
#[derive(Debug, clap::Args)]
pub struct Connection {
    /// The user to authenticate as.
    ///
    /// Without it: `BERTH_USERNAME` and `BERTH_PASSWORD`, else what `docker login` has stored (config.json and the credential
    /// helpers that it names), else nobody.
    #[arg(long, requires = "password_stdin", value_name = "NAME")]
    pub(crate) username: Option<String>,
    /// Read the password or token from standard input.
    #[arg(long, requires = "username")]
    pub(crate) password_stdin: bool,
    /// Speak plain HTTP. A loopback host is spoken to in plain HTTP anyway, every other one in HTTPS. Certificates are those of
    /// the system; `SSL_CERT_FILE` names others.
    #[arg(long)]
    plain_http: bool,
    /// How often a request is tried again after a network error, 429 or 5xx. The pauses double from half a second, or are what
    /// the registry asks for.
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u32).range(0..=100))]
    retries: u32,
    /// The largest blob that is sent as one PUT; a larger one goes in chunks, if the registry takes them. S3's limit is 5 GiB.
    #[arg(long, value_name = "BYTES", default_value_t = 5 * 1024 * 1024 * 1024)]
    max_put_bytes: u64,
}

impl Connection {
    /// The registry at `host`. Notes, such as that something is tried again, go to `note`.
    pub(crate) async fn registry(
        &self,
        host: &Host,
        note: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Registry, Error> {
        let origin = Origin::new(host, self.plain_http);
        let credentials = match &self.username {
            Some(username) => Some(Credentials::from_stdin(username.clone())?),
            None => Credentials::find(host).await?,
        };
        let registry = Registry::new(origin, credentials, self.retries, self.max_put_bytes, Box::new(note))?;
        Ok(registry)
    }
}
