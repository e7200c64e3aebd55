//! Changing docker's `config.json`, and what its credential helper keeps.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

use crate::error::Error;
use crate::place::Host;
use crate::registry::{Config, Credentials, Helper, config_path, is_key_of};

const AUTHS: &str = "auths";
/// What an entry may hold that would be taken for the credentials.
const SECRETS: [&str; 5] = ["auth", "identitytoken", "registrytoken", "username", "password"];

/// Where credentials are kept for docker and its like.
#[derive(Debug)]
pub(super) struct Store {
    config: PathBuf,
    /// Where helpers are looked for in tests; else in the `PATH`.
    helpers: Option<PathBuf>,
}

/// Where credentials went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    File(PathBuf),
    Helper(String),
}

impl Store {
    /// The one of whoever runs this.
    pub(super) fn locate() -> Result<Self, Error> {
        let config = config_path();
        let config =
            config.ok_or_else(|| Error::Usage("neither DOCKER_CONFIG nor HOME is set".to_owned()))?;
        Ok(Self { config, helpers: None })
    }

    /// Whether the file is one in which credentials for `host` can be kept.
    pub(super) fn check(&self, host: &Host) -> Result<(), Error> {
        self.helper(&self.read()?, host).map(|_| ())
    }

    /// Keeps credentials for `host` in place of older ones. All else in the file stays as it is.
    pub(super) async fn put(&self, host: &Host, credentials: &Credentials) -> Result<Place, Error> {
        let mut config = self.read()?;
        let helper = self.helper(&config, host)?;
        if let Some(helper) = &helper {
            helper.store(host, credentials).await?;
        }
        let auths = self.auths(&mut config)?;
        let entry = auths.entry(host.as_str()).or_insert_with(|| json!({}));
        if !entry.is_object() {
            *entry = json!({});
        }
        if let Some(entry) = entry.as_object_mut() {
            entry.retain(|name, _| !SECRETS.contains(&name.as_str()));
            // Where a helper keeps them, an empty entry tells docker that there is something to ask it for.
            if helper.is_none() {
                let pair = format!("{}:{}", credentials.username(), credentials.password());
                entry.insert("auth".to_owned(), STANDARD.encode(pair).into());
            }
        }
        self.write(&config)?;
        Ok(helper.map_or_else(|| Place::File(self.config.clone()), |helper| Place::Helper(helper.name())))
    }

    /// Forgets the credentials for `host`, in whatever form they are stored. Whether there were any.
    pub(super) async fn remove(&self, host: &Host) -> Result<bool, Error> {
        let mut config = self.read()?;
        let is_forgotten = match self.helper(&config, host)? {
            Some(helper) => helper.erase(host).await?,
            None => false,
        };
        let is_here = config.contains_key(AUTHS);
        if !is_here {
            return Ok(is_forgotten);
        }
        let auths = self.auths(&mut config)?;
        let before = auths.len();
        // Podman keeps credentials for a part of a registry under `host/path`: those are others.
        auths.retain(|key, _| !(is_key_of(key, host) && (key.contains("://") || !key.contains('/'))));
        if auths.len() == before {
            return Ok(is_forgotten);
        }
        self.write(&config)?;
        Ok(true)
    }

    fn helper(&self, config: &Map<String, Value>, host: &Host) -> Result<Option<Helper>, Error> {
        let config: Config =
            serde_json::from_value(Value::Object(config.clone())).map_err(|error| self.bad(&error))?;
        let Some(name) = config.helper(host) else { return Ok(None) };
        let helper = Helper::named(name)?;
        Ok(Some(match &self.helpers {
            Some(folder) => helper.in_folder(folder),
            None => helper,
        }))
    }

    fn auths<'a>(&self, config: &'a mut Map<String, Value>) -> Result<&'a mut Map<String, Value>, Error> {
        let auths = config.entry(AUTHS).or_insert_with(|| json!({}));
        auths.as_object_mut().ok_or_else(|| self.bad(&"auths is no object"))
    }

    /// What is in the file; nothing if it is not there.
    fn read(&self) -> Result<Map<String, Value>, Error> {
        let text = match fs::read(&self.config) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Map::new()),
            Err(error) => return Err(Error::machine(self.config.display().to_string())(error)),
        };
        serde_json::from_slice(&text).map_err(|error| self.bad(&error))
    }

    /// Replaces the file as a whole, or leaves it as it was. It is readable for its owner alone.
    fn write(&self, config: &Map<String, Value>) -> Result<(), Error> {
        replace(&self.config, config)
            .map_err(Error::machine(format!("cannot write {}", self.config.display())))
    }

    fn bad(&self, reason: &dyn fmt::Display) -> Error {
        Error::machine(self.config.display().to_string())(io::Error::other(reason.to_string()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}, not encrypted", path.display()),
            Self::Helper(program) => f.write_str(program),
        }
    }
}

fn replace(path: &Path, config: &Map<String, Value>) -> io::Result<()> {
    // A file that is a link stays one.
    let path = match fs::canonicalize(path) {
        Ok(path) => path,
        Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let folder = path.parent().ok_or(ErrorKind::InvalidFilename)?;
    fs::create_dir_all(folder)?;
    // Its mode is 0600 from the beginning.
    let mut file = NamedTempFile::new_in(folder)?;
    let tabs = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    config.serialize(&mut serde_json::Serializer::with_formatter(&mut file, tabs))?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

#[cfg(test)]
mod tests;
