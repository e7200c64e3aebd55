//! `berth push`.

mod report;

use std::process::ExitCode;
use std::sync::Arc;

use berth_protocol::Reference;
use futures::{StreamExt, TryStreamExt, stream};

use crate::connection::Connection;
use crate::error::{EXIT_CODES, Error};
use crate::output::note;
use crate::place::ImageReference;
use crate::registry::{Blob, Outcome, Registry};
use crate::source::{Image, Platform, Selection, Source};
use report::{Format, Report};

/// Push an image to a registry, each layer as one PUT.
///
/// Blobs that the registry has are skipped, so a push that was interrupted resumes when it is repeated; a blob that was under
/// way is begun again, because S3 takes a PUT whole or not at all. Images keep their digests. An archive in docker's old form
/// has no manifest: one is made, with the layers as they are, not compressed, so that their digests never change.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Push {
    /// An OCI layout (folder or tar), an archive of `docker save`, `-` for an archive on standard input, or `docker:IMAGE` for an
    /// image of the docker engine. Archives may be gzipped.
    #[arg(value_name = "SOURCE")]
    source: Source,
    /// Where to: host[:port]/name[:tag].
    #[arg(value_name = "REFERENCE")]
    reference: ImageReference,
    /// Which image, by name or digest, if the source holds several.
    #[arg(long, value_name = "NAME")]
    image: Option<String>,
    /// Push one platform of an image that is for several.
    #[arg(long, value_name = "OS/ARCH[/VARIANT]")]
    platform: Option<Platform>,
    /// How many blobs are sent at the same time.
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Print one JSON object per event on standard output.
    #[arg(long, conflicts_with = "quiet")]
    json: bool,
    /// Print nothing but the reference that was pushed.
    #[arg(long, short)]
    quiet: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Push {
    /// Runs the command to its end.
    pub async fn run(self) -> ExitCode {
        let format = match (self.json, self.quiet) {
            (true, _) => Format::Json,
            (_, true) => Format::Quiet,
            _ => Format::Text,
        };
        let report = Arc::new(Report::new(format));
        match self.push(&report).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                report.failed(&error);
                note(&format!("berth push: {error}"));
                error.exit_code()
            }
        }
    }

    async fn push(self, report: &Arc<Report>) -> Result<(), Error> {
        if self.source == Source::Stdin && self.connection.access.password_stdin {
            return Err(Error::Usage("standard input cannot be both the image and the password".to_owned()));
        }
        let notes = Arc::clone(report);
        let registry = self.connection.registry(&self.reference.host, move |text| notes.note(text)).await?;
        let (source, selection) = (self.source, Selection { image: self.image, platform: self.platform });
        let image = tokio::task::spawn_blocking(move || source.open(&selection)).await;
        let image =
            image.map_err(|error| Error::machine("reading the source")(std::io::Error::other(error)))??;
        push_blobs(&registry, &self.reference, &image, usize::from(self.jobs), report).await?;
        push_manifests(&registry, &self.reference, &image, report).await
    }
}

/// All blobs, the largest first: it takes longest. The first failure ends it.
async fn push_blobs(
    registry: &Registry,
    reference: &ImageReference,
    image: &Image,
    jobs: usize,
    report: &Report,
) -> Result<(), Error> {
    let mut blobs: Vec<&Blob> = image.blobs.iter().collect();
    blobs.sort_by_key(|blob| std::cmp::Reverse(blob.content.len()));
    let pushes = blobs.into_iter().map(|blob| async move {
        let (bar, progress) = report.begin(blob);
        let outcome = registry.push_blob(&reference.name, blob, None, &progress).await;
        report.blob(bar.as_ref(), blob, outcome.as_ref().ok().copied())?;
        outcome.map_err(Error::from)
    });
    stream::iter(pushes).buffer_unordered(jobs).try_for_each(|_: Outcome| async { Ok(()) }).await
}

/// Children by digest, then the image by its tag.
async fn push_manifests(
    registry: &Registry,
    reference: &ImageReference,
    image: &Image,
    report: &Report,
) -> Result<(), Error> {
    let Some((root, children)) = image.manifests.split_last() else { return Ok(()) };
    for manifest in children {
        let by = Reference::Digest(manifest.digest.clone());
        registry.push_manifest(&reference.name, &by, &manifest.media_type, manifest.body.clone()).await?;
        report.manifest(manifest, &by)?;
    }
    let by = Reference::Tag(reference.tag.clone());
    registry.push_manifest(&reference.name, &by, &root.media_type, root.body.clone()).await?;
    report.manifest(root, &by)?;
    report.finished(reference, root)
}
