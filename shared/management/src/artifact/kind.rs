//! What an artifact is, in Harbor's words: by its media type, which is that of its config for an image manifest.

use berth_protocol::{ManifestKind, MediaType};
use berth_registry::ports::Artifact;

pub(super) const IMAGE: &str = "IMAGE";
pub(super) const CHART: &str = "CHART";
const CNAB: &str = "CNAB";
const UNKNOWN: &str = "UNKNOWN";

pub(super) const HELM_CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CNAB_MANIFEST: &str = "application/vnd.cnab.manifest.v1";

/// The media type of the content that it carries, and the name of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) media_type: String,
    pub(super) artifact_type: String,
    pub(super) name: String,
}

impl Kind {
    pub(super) fn of(artifact: &Artifact) -> Self {
        let shape = artifact.shape.clone().unwrap_or_default();
        let manifest = artifact.media_type.as_str();
        let named = shape.artifact_type.as_deref();
        let is_empty = |config: &str| config == MediaType::OCI_EMPTY_JSON.as_str();
        let media_type = match (ManifestKind::of(manifest), shape.config_media_type.as_deref()) {
            (Some(ManifestKind::Index), _) if named == Some(CNAB_MANIFEST) => CNAB_MANIFEST,
            (Some(ManifestKind::Index), _) => manifest,
            (_, Some(config)) if !is_empty(config) => config,
            _ => named.unwrap_or(manifest),
        };
        Self {
            name: name(media_type),
            media_type: media_type.to_owned(),
            artifact_type: named.unwrap_or(manifest).to_owned(),
        }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

fn name(media_type: &str) -> String {
    match media_type {
        "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json" => {
            IMAGE.to_owned()
        }
        _ if ManifestKind::of(media_type).is_some() => IMAGE.to_owned(),
        HELM_CONFIG => CHART.to_owned(),
        CNAB_MANIFEST => CNAB.to_owned(),
        "application/vnd.wasm.config.v1+json" => "WASM".to_owned(),
        "application/vnd.goharbor.harbor.sbom.v1" => "SBOM".to_owned(),
        "application/vnd.cncf.model.config.v1+json" | "application/vnd.cncf.model.manifest.v1+json" => {
            "CNAI".to_owned()
        }
        other => guessed(other).unwrap_or_else(|| UNKNOWN.to_owned()),
    }
}

/// `SINGULARITY` for `application/vnd.sylabs.singularity.config.v1+json`.
fn guessed(media_type: &str) -> Option<String> {
    let (_, rest) = media_type.strip_prefix("application/vnd.")?.split_once('.')?;
    let (rest, _) = rest.strip_suffix("+json")?.rsplit_once('.')?;
    rest.strip_suffix(".config").filter(|name| !name.is_empty()).map(str::to_uppercase)
}

/// What Harbor calls something that refers to an artifact.
pub(super) fn accessory(artifact: &Artifact) -> &'static str {
    let artifact_type = artifact.shape.as_ref().and_then(|shape| shape.artifact_type.as_deref());
    match artifact_type.unwrap_or_default() {
        "application/vnd.cncf.notary.signature" => "signature.notation",
        "application/vnd.goharbor.harbor.sbom.v1" => "sbom.harbor",
        cosign
            if cosign == "application/vnd.dev.cosign.artifact.sig.v1+json"
                || cosign.starts_with("application/vnd.dev.sigstore.bundle.") =>
        {
            COSIGN
        }
        _ => "subject.accessory",
    }
}

/// A signature that cosign has made.
pub(super) const COSIGN: &str = "signature.cosign";

#[cfg(test)]
mod tests {
    use berth_protocol::Digest;
    use berth_registry::ports::Shape;

    use super::*;

    fn artifact(media_type: &MediaType, config: Option<&str>, artifact_type: Option<&str>) -> Artifact {
        Artifact {
            digest: Digest::sha256(b""),
            media_type: media_type.to_string(),
            size_bytes: 0,
            pushed_at_secs: 0,
            subject: None,
            shape: Some(Shape {
                config_media_type: config.map(str::to_owned),
                artifact_type: artifact_type.or(config).map(str::to_owned),
                ..Shape::default()
            }),
        }
    }

    #[test]
    fn kinds_as_harbor_has_them() {
        let image = MediaType::OCI_IMAGE_MANIFEST;
        let oci = "application/vnd.oci.image.config.v1+json";
        let docker = "application/vnd.docker.container.image.v1+json";
        let empty = MediaType::OCI_EMPTY_JSON.to_string();
        for (media_type, config, artifact_type, name, of_content) in [
            (&image, Some(oci), None, "IMAGE", oci),
            (&image, Some(oci), Some("a/b"), "IMAGE", oci),
            (&MediaType::DOCKER_MANIFEST, Some(docker), None, "IMAGE", docker),
            (&MediaType::OCI_INDEX, None, None, "IMAGE", MediaType::OCI_INDEX.as_str()),
            (&MediaType::OCI_INDEX, None, Some("a/b"), "IMAGE", MediaType::OCI_INDEX.as_str()),
            (&MediaType::OCI_INDEX, None, Some(CNAB_MANIFEST), "CNAB", CNAB_MANIFEST),
            (&MediaType::DOCKER_MANIFEST_LIST, None, None, "IMAGE", MediaType::DOCKER_MANIFEST_LIST.as_str()),
            (&image, Some(HELM_CONFIG), None, "CHART", HELM_CONFIG),
            (&image, Some(&empty), Some("a/b"), "UNKNOWN", "a/b"),
            (
                &image,
                Some("application/vnd.wasm.config.v1+json"),
                None,
                "WASM",
                "application/vnd.wasm.config.v1+json",
            ),
            (
                &image,
                Some("application/vnd.sylabs.sif.config.v1+json"),
                None,
                "SIF",
                "application/vnd.sylabs.sif.config.v1+json",
            ),
            (&image, Some("text/plain"), None, "UNKNOWN", "text/plain"),
        ] {
            let kind = Kind::of(&artifact(media_type, config, artifact_type));
            assert_eq!((kind.name.as_str(), kind.media_type.as_str()), (name, of_content));
        }
        let unread = Artifact { shape: None, ..artifact(&image, None, None) };
        assert_eq!(Kind::of(&unread).name, "IMAGE");
    }

    #[test]
    fn accessories_as_harbor_has_them() {
        for (artifact_type, expected) in [
            ("application/vnd.dev.cosign.artifact.sig.v1+json", "signature.cosign"),
            ("application/vnd.dev.sigstore.bundle.v0.3+json", "signature.cosign"),
            ("application/vnd.cncf.notary.signature", "signature.notation"),
            ("application/vnd.goharbor.harbor.sbom.v1", "sbom.harbor"),
            ("application/spdx+json", "subject.accessory"),
        ] {
            let found = accessory(&artifact(&MediaType::OCI_IMAGE_MANIFEST, None, Some(artifact_type)));
            assert_eq!(found, expected, "{artifact_type}");
        }
    }
}
