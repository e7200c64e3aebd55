//! The Rust crate oci-client, with both of its ways to push.

mod chunks {
    crate::client::client_tests!(super::Chunked);
}

mod monolithic {
    crate::client::client_tests!(super::Monolithic);
}

use std::fs;

use berth_tests::{Finished, Layout};
use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::secrets::RegistryAuth;
use oci_client::{Reference, errors::OciDistributionError};

use crate::client::{Client, Upload};
use crate::place::Place;

/// As it is by default.
pub(crate) struct Chunked;

/// With `use_monolithic_push`.
struct Monolithic;

impl Client for Chunked {
    const NAME: &str = "rust-chunks";
    const UPLOAD: Upload = Upload::Chunks;

    fn find() -> Option<Self> {
        Some(Self)
    }

    fn push(&self, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished {
        push(false, place, layout, repository)
    }

    fn pull(&self, place: &Place<'_>, reference: &str) -> String {
        pull(place, reference)
    }
}

impl Client for Monolithic {
    const NAME: &str = "rust-monolithic";
    const UPLOAD: Upload = Upload::Put;

    fn find() -> Option<Self> {
        Some(Self)
    }

    fn push(&self, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished {
        push(true, place, layout, repository)
    }

    fn pull(&self, place: &Place<'_>, reference: &str) -> String {
        pull(place, reference)
    }
}

fn push(use_monolithic_push: bool, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished {
    let read = |digest: &str| fs::read(layout.blob(digest)).expect("a layout holds what it names");
    let layers: Vec<ImageLayer> = layout
        .layers()
        .into_iter()
        .map(|layer| ImageLayer::new(read(&layer.digest), layer.media_type, None))
        .collect();
    let config = layout.config();
    let config = Config::new(read(&config.digest), config.media_type, None);
    let target = reference(&format!("{repository}:v1"));
    let client = client(use_monolithic_push);
    let pushed =
        block_on(async { client.push(&target, &layers, config, &RegistryAuth::Anonymous, None).await });
    let what = format!("oci-client push to {target}, monolithic: {use_monolithic_push}");
    Finished::of_library(&what, place.berth, pushed.map(drop).map_err(|error| describe(&error)))
}

/// The library compares every blob with its digest.
fn pull(place: &Place<'_>, from: &str) -> String {
    let accepted = vec!["application/vnd.oci.image.layer.v1.tar+gzip"];
    let from = reference(from);
    let client = client(false);
    let pulled = block_on(async { client.pull(&from, &RegistryAuth::Anonymous, accepted).await });
    let pulled =
        pulled.unwrap_or_else(|error| panic!("{from}: {}\n{}", describe(&error), place.berth.log_tail()));
    pulled.config.sha256_digest()
}

fn client(use_monolithic_push: bool) -> oci_client::Client {
    oci_client::Client::new(ClientConfig {
        protocol: ClientProtocol::Http,
        use_monolithic_push,
        ..ClientConfig::default()
    })
}

fn reference(text: &str) -> Reference {
    text.parse().expect("the tests name images well")
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime can be made").block_on(future)
}

fn describe(error: &OciDistributionError) -> String {
    format!("{error} ({error:?})")
}
