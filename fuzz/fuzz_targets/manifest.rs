//! Input: a manifest body. What is read must read again as the same with its own media type as `Content-Type`.

#![no_main]

use berth_protocol::{Manifest, ManifestKind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Ok(manifest) = Manifest::read(body, None) else { return };
    assert_eq!(ManifestKind::of(manifest.media_type().as_str()), Some(manifest.kind()));

    let bytes = manifest.blob_references().iter().map(|blob| blob.size).sum::<u64>();
    assert!(bytes < u64::MAX);

    let again = Manifest::read(body, Some(manifest.media_type()));
    assert_eq!(again.expect("a manifest agrees with its own media type"), manifest);
});
