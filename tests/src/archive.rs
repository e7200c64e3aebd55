//! Images as tar archives, for clients that import nothing else.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::json;

use crate::Layout;
use crate::layout::hex;

impl Layout {
    /// Writes the layout as it is, which `ctr images import` takes.
    pub fn write_archive(&self, path: &Path) {
        let mut archive = create(path);
        archive.append_dir_all(".", self.folder()).expect("a layout can be read");
        archive.into_inner().expect("the archive can be finished");
    }

    /// Writes the image in the form that `docker load` takes, without a name.
    pub fn write_docker_archive(&self, path: &Path) {
        let mut archive = create(path);
        let config = self.config();
        let config_name = format!("{}.json", hex(&config.digest));
        archive
            .append_path_with_name(self.blob(&config.digest), &config_name)
            .expect("the archive is writable");
        let mut layer_names = Vec::new();
        for layer in self.layers() {
            let name = format!("{}/layer.tar", hex(&layer.digest));
            append_unpacked(&mut archive, &name, &self.blob(&layer.digest))
                .expect("the layer is a gzip file of ours");
            layer_names.push(name);
        }
        let manifest =
            json!([{ "Config": config_name, "RepoTags": null, "Layers": layer_names }]).to_string();
        append(&mut archive, "manifest.json", manifest.len() as u64, manifest.as_bytes())
            .expect("the archive is writable");
        archive.into_inner().expect("the archive can be finished");
    }
}

fn create(path: &Path) -> tar::Builder<File> {
    tar::Builder::new(File::create(path).expect("the folder is writable"))
}

/// Goes through a file, because the length comes before the content.
fn append_unpacked(archive: &mut tar::Builder<File>, name: &str, gzip: &Path) -> io::Result<()> {
    let mut unpacked = tempfile::tempfile()?;
    let size =
        io::copy(&mut GzDecoder::new(BufReader::with_capacity(1 << 20, File::open(gzip)?)), &mut unpacked)?;
    io::Seek::rewind(&mut unpacked)?;
    append(archive, name, size, unpacked)
}

fn append(archive: &mut tar::Builder<File>, name: &str, size: u64, content: impl Read) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(size);
    header.set_mode(0o644);
    archive.append_data(&mut header, name, content)
}
