//! `POST …/artifacts?from=project/repository:tag`, or `@digest`: all of the artifact, with its tags. No content moves.

use berth_protocol::{Digest, Reference, RepositoryName, Tag};
use berth_registry::artifact::CopyArtifactError;
use berth_registry::manifest::PutManifestError;

use super::find::missing;
use super::get::tags_of;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;
use crate::repository::name_of;

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let from = call.asked.required("from")?;
    let (repository, reference) =
        source(from).ok_or_else(|| Failure::bad_request(format!("invalid input: {from}")))?;
    let target = call.push(&name_of(&call)?).await?;
    let source = call.pull_elsewhere(&repository).await?;
    let artifact = call.registry().artifact(&source, &reference).await?;
    let artifact = artifact.ok_or_else(|| missing(&repository, &reference.to_string()))?;
    if artifact.subject.is_some() {
        return Err(Failure::denied("the operation isn't supported for an artifact accessory"));
    }
    let tags = tags_of(call.registry(), &source, &artifact).await?;
    let tags: Vec<Tag> = tags.into_iter().map(|tagged| tagged.tag).collect();
    let copied = call.registry().copy_artifact(&target, &source, &artifact.digest, &tags).await;
    copied.map_err(|error| failure(error, &repository))?;
    let about = format!("{}@{}", target.repository(), artifact.digest);
    Ok(Answer::created(&call.asked, &reference)
        .about(&about)
        .saying(format!("copy artifact {from} to {}", target.repository())))
}

/// `project/repository:tag` or `project/repository@digest`, also with a tag in front of the digest.
fn source(from: &str) -> Option<(RepositoryName, Reference)> {
    let (named, digest) = match from.split_once('@') {
        Some((named, digest)) => (named, Some(Digest::parse(digest).ok()?)),
        None => (from, None),
    };
    let (name, tag) = match named.rsplit_once(':') {
        Some((name, tag)) => (name, Some(Tag::parse(tag).ok()?)),
        None => (named, None),
    };
    let reference = digest.map(Reference::Digest).or(tag.map(Reference::Tag))?;
    let repository = RepositoryName::parse(name).ok().filter(|name| name.as_str().contains('/'))?;
    Some((repository, reference))
}

fn failure(error: CopyArtifactError, source: &RepositoryName) -> Failure {
    match error {
        CopyArtifactError::Unknown(digest) => missing(source, &digest.to_string()),
        CopyArtifactError::TooLarge => {
            Failure::precondition("the artifact has too many parts to be copied in one request")
        }
        CopyArtifactError::Put(PutManifestError::Missing(missing)) => Failure::conflict(format!(
            "{} of the blobs or manifests that the artifact needs went meanwhile; try again",
            missing.len()
        )),
        CopyArtifactError::Put(PutManifestError::ProjectGone) => {
            Failure::not_found("the project was deleted meanwhile")
        }
        CopyArtifactError::Put(PutManifestError::NameKept) => Failure::forbidden_because(
            "the target repository was deleted, and its name is kept: somebody who may delete repositories of the project can push it again",
        ),
        CopyArtifactError::Put(PutManifestError::Contended) => {
            Failure::conflict("others keep pushing the same artifact; try again")
        }
        CopyArtifactError::Put(
            error @ (PutManifestError::Invalid(_) | PutManifestError::DigestMismatch { .. }),
        ) => Failure::conflict(format!("the artifact cannot be pushed again: {error}")),
        CopyArtifactError::Put(PutManifestError::Store(error)) | CopyArtifactError::Store(error) => {
            error.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::source;

    #[test]
    fn sources_as_clients_write_them() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let at = format!("team/app@{digest}");
        let both = format!("team/web/app:v1@{digest}");
        for (text, expected) in [
            ("team/app:v1", Some(("team/app", "v1"))),
            (at.as_str(), Some(("team/app", digest.as_str()))),
            (both.as_str(), Some(("team/web/app", digest.as_str()))),
            ("team/app", None),
            ("app:v1", None),
            ("team/app:", None),
            ("team/app@sha256:abc", None),
            ("Team/app:v1", None),
            ("", None),
        ] {
            let found = source(text).map(|(name, reference)| (name.to_string(), reference.to_string()));
            let expected = expected.map(|(name, reference)| (name.to_owned(), reference.to_owned()));
            assert_eq!(found, expected, "{text}");
        }
    }
}
