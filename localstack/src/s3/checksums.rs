//! The checksums that S3 knows: what a request declares, what the bytes give, what an object keeps.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use crc_fast::{CrcAlgorithm, checksum_combine};
use http::HeaderMap;
use s3s::{
    S3ErrorCode,
    checksum::ChecksumHasher,
    crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256},
};
use serde::{Deserialize, Serialize};

use super::error::Error;

/// An algorithm that S3 keeps results of. The serialized names are part of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The name in requests and answers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(crate) fn parse(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
            .ok_or(Error::refused(S3ErrorCode::InvalidRequest, "the checksum algorithm is not supported"))
    }

    fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    fn output_bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The cyclic codes, whose value over a whole follows from the values over its parts.
    fn cyclic(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }
}

/// What is known of an object's or a part's content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksums {
    /// In base64, with `-<parts>` behind it when composite.
    pub(crate) values: BTreeMap<Algorithm, String>,
    /// Whether the values are checksums over the checksums of the parts, instead of over the content.
    pub(crate) composite: bool,
}

impl Checksums {
    pub(crate) fn get(&self, algorithm: Algorithm) -> Option<&str> {
        self.values.get(&algorithm).map(String::as_str)
    }

    /// A copy of one value, in the form that the generated types take.
    pub(crate) fn value(&self, algorithm: Algorithm) -> Option<String> {
        self.values.get(&algorithm).cloned()
    }

    fn of(algorithm: Algorithm, value: String, composite: bool) -> Self {
        Self { values: BTreeMap::from([(algorithm, value)]), composite }
    }

    /// The checksum of a whole from those of its parts in order, each with its size in bytes. Empty when a part does
    /// not know its own, or the algorithm has no such rule.
    pub(crate) fn combined(algorithm: Algorithm, parts: &[(&Self, u64)]) -> Self {
        let Some(cyclic) = algorithm.cyclic() else { return Self::default() };
        let whole = parts.iter().try_fold(0, |sum, (part, size_bytes)| {
            let value = decode(algorithm, part.get(algorithm)?)?;
            Some(checksum_combine(cyclic, sum, big_endian(&value), *size_bytes))
        });
        whole.map_or_else(Self::default, |sum| Self::of(algorithm, encode_cyclic(algorithm, sum), false))
    }

    /// The checksum over the parts' checksums in order. Empty when a part does not know its own.
    pub(crate) fn composite(algorithm: Algorithm, parts: &[(&Self, u64)]) -> Self {
        let mut hasher = Hasher::new([algorithm]);
        for (part, _) in parts {
            let Some(value) = part.get(algorithm).and_then(|value| decode(algorithm, value)) else {
                return Self::default();
            };
            hasher.update(&value);
        }
        let value = hasher.finish().checksums.value(algorithm).unwrap_or_default();
        Self::of(algorithm, format!("{value}-{}", parts.len()), true)
    }
}

/// Computes several checksums in one pass.
pub(crate) struct Hasher {
    checksums: ChecksumHasher,
    md5: Option<Md5>,
}

/// What a [`Hasher`] found.
#[derive(Debug, Default)]
pub(crate) struct Computed {
    pub(crate) checksums: Checksums,
    md5: Option<String>,
}

impl Hasher {
    pub(crate) fn new(algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        let mut checksums = ChecksumHasher::default();
        for algorithm in algorithms {
            match algorithm {
                Algorithm::Crc32 => checksums.crc32 = Some(Crc32::new()),
                Algorithm::Crc32c => checksums.crc32c = Some(Crc32c::new()),
                Algorithm::Crc64Nvme => checksums.crc64nvme = Some(Crc64Nvme::new()),
                Algorithm::Sha1 => checksums.sha1 = Some(Sha1::new()),
                Algorithm::Sha256 => checksums.sha256 = Some(Sha256::new()),
            }
        }
        Self { checksums, md5: None }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.checksums.update(bytes);
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
    }

    pub(crate) fn finish(self) -> Computed {
        let found = self.checksums.finalize();
        let values = [
            (Algorithm::Crc32, found.checksum_crc32),
            (Algorithm::Crc32c, found.checksum_crc32c),
            (Algorithm::Crc64Nvme, found.checksum_crc64nvme),
            (Algorithm::Sha1, found.checksum_sha1),
            (Algorithm::Sha256, found.checksum_sha256),
        ];
        let values = values.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?))).collect();
        let md5 = self.md5.map(|md5| BASE64.encode(md5.finalize()));
        Computed { checksums: Checksums { values, composite: false }, md5 }
    }
}

/// The checksums that a request names in its headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    values: BTreeMap<Algorithm, String>,
    in_trailer: Vec<Algorithm>,
    asked_for: Option<Algorithm>,
    md5: Option<String>,
}

impl Declared {
    /// Reads `x-amz-checksum-*`, `x-amz-trailer`, `x-amz-sdk-checksum-algorithm` and `content-md5`.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Self, Error> {
        let asked_for = match text(headers, "x-amz-sdk-checksum-algorithm") {
            Some(name) => Some(Algorithm::parse(&name.to_ascii_uppercase())?),
            None => None,
        };
        let md5 = text(headers, "content-md5").map(str::to_owned);
        if md5.as_ref().is_some_and(|md5| BASE64.decode(md5).map_or(0, |bytes| bytes.len()) != 16) {
            return Err(Error::refused(
                S3ErrorCode::InvalidDigest,
                "the Content-MD5 is not 16 bytes in base64",
            ));
        }
        Ok(Self { values: values(headers)?, in_trailer: in_trailer(headers), asked_for, md5 })
    }

    /// A hasher for all that is declared or asked for, for `also`, and for CRC64NVME, which every object has.
    pub(crate) fn hasher(&self, also: Option<Algorithm>) -> Hasher {
        let declared = self.values.keys().chain(&self.in_trailer).chain(&self.asked_for).copied();
        let mut hasher = Hasher::new(declared.chain(also).chain([Algorithm::Crc64Nvme]));
        hasher.md5 = self.md5.as_ref().map(|_| Md5::new());
        hasher
    }

    /// Compares what was declared, also in the trailers that followed the body, with what the body gave.
    pub(crate) fn verify(&self, trailers: Option<&HeaderMap>, computed: &Computed) -> Result<(), Error> {
        let late = trailers.map_or(Ok(BTreeMap::new()), values)?;
        if self.in_trailer.iter().any(|algorithm| !late.contains_key(algorithm)) {
            return Err(Error::refused(
                S3ErrorCode::InvalidRequest,
                "the announced trailing checksum is missing",
            ));
        }
        let matches =
            |(algorithm, value): (&Algorithm, &String)| computed.checksums.get(*algorithm) == Some(value);
        if !self.values.iter().chain(&late).all(matches) || self.md5.is_some() && self.md5 != computed.md5 {
            return Err(Error::refused(
                S3ErrorCode::BadDigest,
                "the body does not have the declared checksum",
            ));
        }
        Ok(())
    }
}

fn values(headers: &HeaderMap) -> Result<BTreeMap<Algorithm, String>, Error> {
    let mut values = BTreeMap::new();
    for algorithm in Algorithm::ALL {
        let Some(value) = text(headers, algorithm.header()) else { continue };
        if decode(algorithm, value).is_none() {
            return Err(Error::refused(
                S3ErrorCode::InvalidRequest,
                "a checksum header has an invalid value",
            ));
        }
        values.insert(algorithm, value.to_owned());
    }
    Ok(values)
}

fn in_trailer(headers: &HeaderMap) -> Vec<Algorithm> {
    let announced = text(headers, "x-amz-trailer").unwrap_or_default();
    let named = |name: &str| Algorithm::ALL.into_iter().find(|algorithm| algorithm.header() == name);
    announced.split(',').filter_map(|name| named(&name.trim().to_ascii_lowercase())).collect()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn decode(algorithm: Algorithm, value: &str) -> Option<Vec<u8>> {
    BASE64.decode(value).ok().filter(|bytes| bytes.len() == algorithm.output_bytes())
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn encode_cyclic(algorithm: Algorithm, sum: u64) -> String {
    let bytes = sum.to_be_bytes();
    BASE64.encode(&bytes[bytes.len() - algorithm.output_bytes()..])
}

#[cfg(test)]
mod tests;
