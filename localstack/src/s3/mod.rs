//! S3 inside this process: an SQLite index and immutable data files below one folder, reached by the AWS SDK without a
//! socket, and by others through a listener.
//!
//! What is promised beyond S3's own documentation: a write is acknowledged after its commit; a commit is one SQLite
//! transaction that tests the conditions and swaps the row, so of concurrent conditional writes one wins; a read sees
//! one version from begin to end, also while the object is replaced or deleted.
//!
//! Not offered: versions, tags, access control lists, encryption, and requests for one part of an object.

mod attributes;
mod checksums;
mod client;
mod conditions;
mod connector;
mod data;
mod error;
mod index;
mod limits;
mod operations;
mod options;
mod store;

pub use self::{
    client::client,
    connector::Connector,
    error::StoreError,
    index::Event,
    options::{Clock, Ids, S3Options, SyncMode},
    store::{Store, service},
};
