#![doc = include_str!("../README.md")]

mod digest;
mod error;
mod hasher;
pub mod headers;
pub mod limits;
mod manifest;
mod media_type;
mod name;
mod page;
mod parse;
mod query;
mod range;
mod reference;
mod request;
mod url;

pub use digest::{Algorithm, AlgorithmError, Digest, DigestError};
pub use error::{ApiError, ErrorCode};
pub use hasher::Hasher;
pub use manifest::{Descriptor, Manifest, ManifestError, ManifestKind, Platform};
pub use media_type::{MediaType, MediaTypeError};
pub use name::{NameError, RepositoryName};
pub use page::Page;
pub use parse::parse;
pub use range::{ByteRange, ContentRange, Unsatisfiable};
pub use reference::{Reference, ReferenceError, Tag, TagError};
pub use request::Request;
