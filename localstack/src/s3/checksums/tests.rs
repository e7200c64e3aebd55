use proptest::prelude::*;

use super::*;

fn of(bytes: &[u8]) -> Checksums {
    let mut hasher = Hasher::new(Algorithm::ALL);
    hasher.update(bytes);
    hasher.finish().checksums
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

#[test]
fn known_values() {
    let checksums = of(b"123456789");
    for (algorithm, hex) in [
        (Algorithm::Crc32, "cbf43926"),
        (Algorithm::Crc32c, "e3069283"),
        (Algorithm::Crc64Nvme, "ae8b14860a799888"),
        (Algorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        (Algorithm::Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    ] {
        let found = BASE64.decode(checksums.get(algorithm).unwrap()).unwrap();
        let expected = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
        assert_eq!(found, expected.collect::<Vec<_>>(), "{algorithm:?}");
    }
}

#[test]
fn only_what_is_declared_is_computed() {
    let sha256 = BASE64.encode([0; 32]);
    let crc32 = BASE64.encode([0; 4]);
    for (request, expected) in [
        (headers(&[]), vec![Algorithm::Crc64Nvme]),
        (headers(&[("x-amz-checksum-sha256", &sha256)]), vec![Algorithm::Crc64Nvme, Algorithm::Sha256]),
        (headers(&[("x-amz-sdk-checksum-algorithm", "sha1")]), vec![Algorithm::Crc64Nvme, Algorithm::Sha1]),
        (
            headers(&[("x-amz-trailer", "x-amz-checksum-crc32c")]),
            vec![Algorithm::Crc32c, Algorithm::Crc64Nvme],
        ),
        (headers(&[("x-amz-checksum-crc32", &crc32)]), vec![Algorithm::Crc32, Algorithm::Crc64Nvme]),
    ] {
        let computed = Declared::from_headers(&request).unwrap().hasher(None).finish();
        assert_eq!(computed.checksums.values.into_keys().collect::<Vec<_>>(), expected, "{request:?}");
    }
}

#[test]
fn declarations_are_compared_with_the_body() {
    let good = of(b"body");
    let bad = of(b"other");
    let verify = |request: &HeaderMap, trailers: Option<&HeaderMap>| {
        let declared = Declared::from_headers(request).unwrap();
        let mut hasher = declared.hasher(None);
        hasher.update(b"body");
        declared.verify(trailers, &hasher.finish()).is_ok()
    };
    for algorithm in Algorithm::ALL {
        let name = algorithm.header();
        let announced = headers(&[("x-amz-trailer", name)]);
        let right = headers(&[(name, good.get(algorithm).unwrap())]);
        let wrong = headers(&[(name, bad.get(algorithm).unwrap())]);
        assert!(verify(&right, None), "{name}");
        assert!(!verify(&wrong, None), "{name}");
        assert!(verify(&announced, Some(&right)), "{name}");
        assert!(!verify(&announced, Some(&wrong)), "{name}");
        assert!(!verify(&announced, None), "{name}");
    }
    assert!(verify(&headers(&[("content-md5", "hBotaJrYa9FhFEdFPCLG/A==")]), None));
    assert!(!verify(&headers(&[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")]), None));
}

#[test]
fn invalid_declarations_are_refused() {
    for (name, value) in [
        ("x-amz-checksum-sha256", "not base64!"),
        ("x-amz-checksum-sha256", "AAAA"),
        ("x-amz-checksum-crc32", "AAAAAAAAAAA="),
        ("x-amz-sdk-checksum-algorithm", "SHA3"),
        ("content-md5", "AAAA"),
    ] {
        assert!(Declared::from_headers(&headers(&[(name, value)])).is_err(), "{name}: {value}");
    }
}

#[test]
fn a_part_without_a_checksum_leaves_the_whole_without_one() {
    let (known, unknown) = (of(b"known"), Checksums::default());
    let parts = [(&known, 5), (&unknown, 5)];
    assert_eq!(Checksums::combined(Algorithm::Crc64Nvme, &parts), Checksums::default());
    assert_eq!(Checksums::composite(Algorithm::Sha256, &parts), Checksums::default());
}

proptest! {
    #[test]
    fn combining_parts_equals_hashing_the_whole(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..6)) {
        let whole = of(&parts.concat());
        let sums: Vec<_> = parts.iter().map(|part| (of(part), part.len() as u64)).collect();
        let sums: Vec<_> = sums.iter().map(|(sum, size)| (sum, *size)).collect();
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let combined = Checksums::combined(algorithm, &sums);
            prop_assert_eq!(combined.get(algorithm), whole.get(algorithm));
        }
    }
}
