//! OCI image layouts (image-spec, "Image Layout"): folders, archives of them, and what `docker save` writes since docker 25.
//! Everything is pushed byte for byte, so the image keeps its digest.

use std::collections::HashSet;

use berth_protocol::{Descriptor, Digest, Manifest, MediaType};
use serde::Deserialize;

use super::tree::{Tree, read_document};
use super::{Image, ImageManifest, Selection, SourceError, choose};
use crate::content::Content;
use crate::registry::Blob;

/// Indexes of indexes: deeper is no image.
const MAX_DEPTH: usize = 8;
/// The annotations that hold an image's name: of the image-spec and of containerd.
const NAMES: [&str; 2] = ["org.opencontainers.image.ref.name", "io.containerd.image.name"];

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Descriptor>,
}

pub(super) fn read(tree: &Tree, selection: &Selection) -> Result<Image, SourceError> {
    let index: Index = serde_json::from_slice(&tree.document("index.json")?)
        .map_err(|error| SourceError::Invalid { file: "index.json".to_owned(), reason: error.to_string() })?;
    let mut root = choose(named(index.manifests), selection.image.as_deref())?;
    if let Some(platform) = &selection.platform {
        let mut found = Vec::new();
        root = find_platform(tree, &root, platform, &mut found, 0)?
            .ok_or_else(|| SourceError::NoSuchPlatform { platform: platform.clone(), found })?;
    }
    let mut walk =
        Walk { tree, seen: HashSet::new(), image: Image { blobs: Vec::new(), manifests: Vec::new() } };
    walk.manifest(&root, 0)?;
    Ok(walk.image)
}

/// The images of a layout with their names, each digest once: an image of two tags has two entries.
fn named(descriptors: Vec<Descriptor>) -> Vec<(Vec<String>, Descriptor)> {
    let mut images: Vec<(Vec<String>, Descriptor)> = Vec::new();
    for descriptor in descriptors {
        let names = NAMES.iter().filter_map(|key| descriptor.annotations.get(*key)).cloned();
        if let Some((known, _)) = images.iter_mut().find(|(_, known)| known.digest == descriptor.digest) {
            known.extend(names);
        } else {
            images.push((names.chain([descriptor.digest.to_string()]).collect(), descriptor));
        }
    }
    images
}

/// The image for a platform, in an index or an index of indexes; `found` collects what there is.
fn find_platform(
    tree: &Tree,
    root: &Descriptor,
    platform: &super::Platform,
    found: &mut Vec<String>,
    depth: usize,
) -> Result<Option<Descriptor>, SourceError> {
    if let Some(own) = &root.platform {
        found.push(format!("{}/{}", own.os, own.architecture));
        if platform.is_of(own) {
            return Ok(Some(root.clone()));
        }
    }
    let is_there = tree.get(&path(&root.digest))?.is_some();
    if depth == MAX_DEPTH || !is_there {
        return Ok(None);
    }
    let (manifest, _) = manifest(tree, root)?;
    for child in manifest.manifest_references() {
        if let Some(image) = find_platform(tree, child, platform, found, depth + 1)? {
            return Ok(Some(image));
        }
    }
    Ok(None)
}

/// Collects an image from its root down.
struct Walk<'a> {
    tree: &'a Tree,
    seen: HashSet<Digest>,
    image: Image,
}

impl Walk<'_> {
    fn manifest(&mut self, descriptor: &Descriptor, depth: usize) -> Result<(), SourceError> {
        if !self.seen.insert(descriptor.digest.clone()) {
            return Ok(());
        }
        if depth > MAX_DEPTH {
            let file = descriptor.digest.to_string();
            return Err(SourceError::Invalid {
                file,
                reason: format!("indexes nest deeper than {MAX_DEPTH}"),
            });
        }
        let (manifest, body) = manifest(self.tree, descriptor)?;
        for child in manifest.manifest_references() {
            if depth == 0 && self.tree.get(&path(&child.digest))?.is_none() {
                return Err(SourceError::MissingPlatform { digest: child.digest.clone() });
            }
            self.manifest(child, depth + 1)?;
        }
        for blob in manifest.blob_references() {
            if self.seen.insert(blob.digest.clone()) {
                let content = sized(self.tree, blob)?;
                self.image.blobs.push(Blob { digest: blob.digest.clone(), content });
            }
        }
        let (digest, media_type) = (descriptor.digest.clone(), manifest.media_type().clone());
        self.image.manifests.push(ImageManifest { digest, media_type, body: body.into() });
        Ok(())
    }
}

/// A manifest of the layout, compared with its digest.
fn manifest(tree: &Tree, descriptor: &Descriptor) -> Result<(Manifest, Vec<u8>), SourceError> {
    let digest = &descriptor.digest;
    let body = read_document(&sized(tree, descriptor)?, &path(digest))?;
    let found = Digest::of(digest.algorithm(), &body);
    if found != *digest {
        return Err(damaged(digest, digest, &found));
    }
    let media_type = MediaType::parse(&descriptor.media_type).ok();
    let manifest = Manifest::read(&body, media_type.as_ref());
    Ok((manifest.map_err(|error| SourceError::Manifest { digest: digest.clone(), error })?, body))
}

/// What a descriptor refers to, which must have the size that it says.
fn sized(tree: &Tree, descriptor: &Descriptor) -> Result<Content, SourceError> {
    let content = tree.need(&path(&descriptor.digest))?;
    if content.len() == descriptor.size {
        return Ok(content);
    }
    let bytes = |count: u64| format!("{count} bytes");
    Err(damaged(&descriptor.digest, &bytes(descriptor.size), &bytes(content.len())))
}

fn damaged(digest: &Digest, expected: &dyn ToString, found: &dyn ToString) -> SourceError {
    SourceError::Damaged { file: path(digest), expected: expected.to_string(), found: found.to_string() }
}

fn path(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm(), digest.hex())
}

#[cfg(test)]
mod tests;
