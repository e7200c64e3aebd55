//! Where an image comes from.

mod docker_archive;
mod engine;
mod layout;
mod spool;
mod tree;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use berth_protocol::{Digest, ManifestError, MediaType};
use bytes::Bytes;

use crate::registry::Blob;
use tree::Tree;

/// An image, ready to be pushed.
#[derive(Debug)]
pub(crate) struct Image {
    /// Each blob once.
    pub(crate) blobs: Vec<Blob>,
    /// Children before what names them; the last is the image itself.
    pub(crate) manifests: Vec<ImageManifest>,
}

/// A manifest, byte for byte.
#[derive(Debug, Clone)]
pub(crate) struct ImageManifest {
    pub(crate) digest: Digest,
    pub(crate) media_type: MediaType,
    pub(crate) body: Bytes,
}

/// The SOURCE of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A folder or an archive.
    Path(PathBuf),
    /// An archive on standard input.
    Stdin,
    /// An image of the docker engine.
    Engine(String),
}

/// Which of the source's images is meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// By a name that the source has for it, or by digest.
    pub(crate) image: Option<String>,
    /// Out of an image for several platforms.
    pub(crate) platform: Option<Platform>,
}

/// `os/architecture[/variant]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// Why a source gives no image.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("cannot read {what}: {source}")]
    Read { what: String, source: io::Error },
    #[error("{what} is no archive that can be read: {reason}")]
    NoArchive { what: String, reason: String },
    #[error(
        "{what} is neither an OCI layout (with index.json) nor an archive of `docker save` (with manifest.json)"
    )]
    Unknown { what: String },
    #[error("{file} of the source is not valid: {reason}")]
    Invalid { file: String, reason: String },
    #[error("the source lacks {file}; it is incomplete")]
    Missing { file: String },
    #[error(
        "the source lacks {digest}, one of the platforms that its image is for; push one that is there with \
         --platform os/architecture"
    )]
    MissingPlatform { digest: Digest },
    #[error("the source is damaged: {file} should have {expected} and has {found}")]
    Damaged { file: String, expected: String, found: String },
    #[error("manifest {digest} of the source: {error}")]
    Manifest { digest: Digest, error: ManifestError },
    #[error("the source holds several images: choose one with --image: {}", names.join(", "))]
    Several { names: Vec<String> },
    #[error("the source holds no image {wanted:?}; it holds {}", names.join(", "))]
    NoSuchImage { wanted: String, names: Vec<String> },
    #[error("the source holds no image for {platform}; it holds {}", found.join(", "))]
    NoSuchPlatform { platform: Platform, found: Vec<String> },
    #[error("docker save: {reason}")]
    Engine { reason: String },
}

impl SourceError {
    fn read(what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { what: what.to_string(), source }
    }
}

impl Source {
    /// Reads what there is to push; the blobs themselves are only located. Blocks.
    pub(crate) fn open(&self, selection: &Selection) -> Result<Image, SourceError> {
        let tree = match self {
            Self::Path(path) if path.is_dir() => Tree::folder(path),
            Self::Path(path) => spool::open(path)?,
            Self::Stdin => spool::stdin()?,
            Self::Engine(image) => engine::save(image)?,
        };
        if tree.get("index.json")?.is_some() {
            return layout::read(&tree, selection);
        }
        if tree.get("manifest.json")?.is_some() {
            return docker_archive::read(&tree, selection);
        }
        Err(SourceError::Unknown { what: self.to_string() })
    }
}

impl FromStr for Source {
    type Err = String;

    /// `docker:` and `docker-daemon:` name an image of the engine; `./docker:x` is a file.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        let engine = text.strip_prefix("docker:").or_else(|| text.strip_prefix("docker-daemon:"));
        match engine {
            Some(image) if image.is_empty() || image.starts_with('-') => {
                Err("the image's name is missing".to_owned())
            }
            Some(image) => Ok(Self::Engine(image.to_owned())),
            None if text.is_empty() => Err("the path is empty".to_owned()),
            None => Ok(Self::Path(text.into())),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("standard input"),
            Self::Engine(image) => write!(f, "docker:{image}"),
        }
    }
}

impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let (os, architecture, variant) = match parts[..] {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant.to_owned())),
            _ => return Err("write os/architecture or os/architecture/variant, as in linux/arm64".to_owned()),
        };
        Ok(Self { os: os.to_owned(), architecture: architecture.to_owned(), variant })
    }
}

impl Platform {
    /// Whether an index's entry is for this platform; without a variant any will do.
    fn is_of(&self, entry: &berth_protocol::Platform) -> bool {
        let is_variant = self.variant.is_none() || self.variant == entry.variant;
        self.os == entry.os && self.architecture == entry.architecture && is_variant
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

/// The one of `images`, each with its names, that is meant.
fn choose<T>(images: Vec<(Vec<String>, T)>, wanted: Option<&str>) -> Result<T, SourceError> {
    let names = || images.iter().flat_map(|(names, _)| names.clone()).collect();
    let chosen = match wanted {
        None if images.len() > 1 => return Err(SourceError::Several { names: names() }),
        None => 0,
        Some(wanted) => {
            let position = images.iter().position(|(names, _)| names.iter().any(|name| name == wanted));
            position.ok_or_else(|| SourceError::NoSuchImage { wanted: wanted.to_owned(), names: names() })?
        }
    };
    let missing =
        || SourceError::Invalid { file: "the list of images".to_owned(), reason: "it is empty".to_owned() };
    images.into_iter().nth(chosen).map(|(_, image)| image).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart() {
        let engine = |image: &str| Ok(Source::Engine(image.to_owned()));
        assert_eq!("-".parse(), Ok(Source::Stdin));
        assert_eq!("docker:app:1".parse(), engine("app:1"));
        assert_eq!("docker-daemon:r.test/app".parse(), engine("r.test/app"));
        assert_eq!("./docker:app".parse(), Ok(Source::Path("./docker:app".into())));
        for text in ["", "docker:", "docker:-x", "docker-daemon:"] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }

    #[test]
    fn one_of_several_images_must_be_chosen() {
        let images = || vec![(vec!["a:1".to_owned(), "a:2".to_owned()], 1), (vec!["b:1".to_owned()], 2)];
        assert_eq!(choose(images(), Some("a:2")).ok(), Some(1));
        assert_eq!(choose(images(), Some("b:1")).ok(), Some(2));
        assert!(matches!(choose(images(), None), Err(SourceError::Several { .. })));
        assert!(matches!(choose(images(), Some("c")), Err(SourceError::NoSuchImage { .. })));
        assert_eq!(choose(vec![(vec![], 3)], None).ok(), Some(3));
        assert!(choose(Vec::<(Vec<String>, u8)>::new(), None).is_err());
    }
}
