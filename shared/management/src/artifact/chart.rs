//! Charts of Helm: a packed folder in one layer.

use std::io::Read;

use berth_protocol::{Descriptor, Manifest};
use flate2::read::GzDecoder;
use tar::Archive;

const LAYER_PREFIX: &str = "application/vnd.cncf.helm.chart.content.";
/// No more is unpacked, whatever a chart grows to.
const MAX_UNPACKED_BYTES: u64 = 32 << 20;
/// A larger file is not shown: an answer of a function has to hold it.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The layer that holds the chart.
pub(super) fn layer(manifest: &Manifest) -> Option<&Descriptor> {
    let layers = manifest.layers();
    layers.iter().find(|layer| layer.media_type.starts_with(LAYER_PREFIX))
}

/// A file in the chart's own folder, its name in letters of any case. `None` for one that is not there or too large, and for what is
/// no archive.
pub(super) fn file(packed: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut archive = Archive::new(GzDecoder::new(packed).take(MAX_UNPACKED_BYTES));
    for entry in archive.entries().ok()? {
        let entry = entry.ok()?;
        let path = entry.path().ok()?.to_string_lossy().into_owned();
        let path = path.strip_prefix("./").unwrap_or(&path);
        let is_wanted = path.split_once('/').is_some_and(|(_, file)| file.eq_ignore_ascii_case(name));
        if is_wanted && entry.header().entry_type().is_file() {
            if entry.size() > MAX_FILE_BYTES {
                return None;
            }
            let mut content = Vec::new();
            entry.take(MAX_FILE_BYTES).read_to_end(&mut content).ok()?;
            return Some(content);
        }
    }
    None
}

#[cfg(test)]
pub(crate) mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::{Builder, Header};

    use super::*;

    /// A chart of these files.
    pub(crate) fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
        for (path, content) in files {
            let mut header = Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, path, *content).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn files_of_the_chart_itself() {
        let large = vec![b'x'; 2 << 20];
        let chart = packed(&[
            ("app/Chart.yaml", b"name: app"),
            ("app/charts/sub/values.yaml", b"sub"),
            ("app/values.yaml", b"own"),
            ("app/README.md", b"# app"),
            ("app/large.txt", &large),
        ]);
        assert_eq!(file(&chart, "values.yaml").as_deref(), Some(&b"own"[..]));
        assert_eq!(file(&chart, "readme.md").as_deref(), Some(&b"# app"[..]));
        assert_eq!(file(&chart, "large.txt"), None);
        assert_eq!(file(&chart, "missing"), None);
        assert_eq!(file(b"no archive", "values.yaml"), None);
        assert_eq!(file(&chart[..30], "README.md"), None);
        assert_eq!(file(&[], "values.yaml"), None);
    }

    #[test]
    fn what_grows_without_end_is_left() {
        let zeros = vec![0; 40 << 20];
        let chart = packed(&[("app/zeros", &zeros), ("app/values.yaml", b"own")]);
        assert!(chart.len() < 1 << 20);
        assert_eq!(file(&chart, "values.yaml"), None);
    }
}
