//! Parts of a blob.

use berth_tests::{Mode, SeededBytes, in_all_modes};

use crate::digests::Algorithm;
use crate::repository::Repository;
use crate::uploads::Flow;

in_all_modes!(parts_of_a_blob);

const BLOB_BYTES: usize = 2048;

/// What is asked for, and the first and the last byte that come, if any can.
const RANGES: [(&str, Option<(usize, usize)>); 8] = [
    ("bytes=500-1499", Some((500, 1499))),
    ("bytes=0-0", Some((0, 0))),
    ("bytes=500-", Some((500, 2047))),
    ("bytes=-500", Some((1548, 2047))),
    ("bytes=-5000", Some((0, 2047))),
    ("bytes=2000-5000", Some((2000, 2047))),
    ("bytes=500-0", None),
    ("bytes=5000-10000", None),
];

fn parts_of_a_blob(mode: Mode) {
    let repository = Repository::new(mode, "ranges");
    for algorithm in Algorithm::ALL {
        let blob = SeededBytes::take_vec(&format!("{mode} ranges {algorithm:?}"), BLOB_BYTES);
        let digest = algorithm.digest(&blob);
        Flow::PostPut.upload(&repository, &digest, &blob).is(201);
        for (range, expected) in RANGES {
            let answer = repository.get_range(&format!("blobs/{digest}"), range);
            let Some((first, last)) = expected else {
                answer.is(416);
                continue;
            };
            let part = answer.is(206).has_body(&blob[first..=last]);
            let sizes = [BLOB_BYTES.to_string(), "*".to_owned()];
            let allowed = sizes.map(|size| format!("bytes {first}-{last}/{size}"));
            let said = part.header("content-range").expect("a part says which");
            assert!(allowed.iter().any(|range| range == said), "{range}: {said}");
        }
    }
}
