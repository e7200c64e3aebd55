//! Layers with repeatable content.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};

/// An endless stream of bytes that do not compress, always the same for the same seed.
#[derive(Clone, Debug)]
pub struct SeededBytes {
    state: u64,
    word: [u8; 8],
    used: usize,
}

impl SeededBytes {
    /// The stream that belongs to `seed`.
    pub fn new(seed: &str) -> Self {
        let hash = Sha256::digest(seed.as_bytes());
        let first: [u8; 8] = hash[..8].try_into().expect("eight bytes were taken");
        Self { state: u64::from_le_bytes(first), word: [0; 8], used: 8 }
    }

    /// The first `length` bytes of the stream of `seed`.
    pub fn take_vec(seed: &str, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        Self::new(seed).read_exact(&mut bytes).expect("the stream has no end");
        bytes
    }

    /// One step of `SplitMix64`.
    fn next_word(&mut self) -> [u8; 8] {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_le_bytes()
    }
}

impl Read for SeededBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for byte in buffer.iter_mut() {
            if self.used == self.word.len() {
                self.word = self.next_word();
                self.used = 0;
            }
            *byte = self.word[self.used];
            self.used += 1;
        }
        Ok(buffer.len())
    }
}

/// What a written layer is known by.
pub(crate) struct WrittenLayer {
    /// Of the compressed layer, as manifests name it.
    pub(crate) digest: String,
    /// Of the tar stream inside, as configurations name it.
    pub(crate) diff_id: String,
    pub(crate) size: u64,
}

/// Writes a gzip layer with one file of `file_bytes` bytes at `path`.
///
/// Gzip only wraps the content, without compressing: the content does not compress anyway, and 300 MB take a second.
pub(crate) fn write_layer(path: &Path, seed: &str, file_bytes: u64) -> io::Result<WrittenLayer> {
    let file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let gzip = GzBuilder::new().write(HashingWriter::new(file), Compression::none());
    let mut archive = tar::Builder::new(HashingWriter::new(gzip));
    let mut header = tar::Header::new_ustar();
    header.set_size(file_bytes);
    header.set_mode(0o644);
    let name = format!("{}.bin", seed.replace(['/', ' '], "-"));
    archive.append_data(&mut header, name, SeededBytes::new(seed).take(file_bytes))?;
    let (gzip, diff_id, _) = archive.into_inner()?.finish();
    let (mut file, digest, size) = gzip.finish()?.finish();
    file.flush()?;
    Ok(WrittenLayer { digest, diff_id, size })
}

/// Hashes and counts what goes through it.
struct HashingWriter<W> {
    inner: W,
    hasher: Sha256,
    size: u64,
}

impl<W: Write> HashingWriter<W> {
    fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new(), size: 0 }
    }

    fn finish(self) -> (W, String, u64) {
        (self.inner, super::layout::digest_text(self.hasher), self.size)
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_however_they_are_read() {
        let whole = SeededBytes::take_vec("seed", 1000);
        let mut pieces = Vec::new();
        let mut stream = SeededBytes::new("seed");
        for length in [1, 7, 8, 9, 975] {
            let mut piece = vec![0; length];
            stream.read_exact(&mut piece).expect("the stream has no end");
            pieces.extend(piece);
        }
        assert_eq!(whole, pieces);
        assert_ne!(whole, SeededBytes::take_vec("another seed", 1000));
    }

    #[test]
    fn a_layer_is_what_it_says() {
        let folder = tempfile::tempdir().expect("the temporary folder is writable");
        let path = folder.path().join("layer");
        let layer = write_layer(&path, "a layer", 100_000).expect("the layer is written");
        let compressed = std::fs::read(&path).expect("the layer is there");
        let mut content = Vec::new();
        flate2::read::GzDecoder::new(&compressed[..]).read_to_end(&mut content).expect("it is gzip");
        assert_eq!(layer.size, compressed.len() as u64);
        assert_eq!(layer.digest, crate::sha256_digest(&compressed));
        assert_eq!(layer.diff_id, crate::sha256_digest(&content));
    }
}
