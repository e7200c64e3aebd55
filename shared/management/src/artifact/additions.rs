//! `GET …/artifacts/{reference}/additions/{addition}`: what an artifact has to show besides its manifest.

use berth_protocol::Manifest;
use serde_json::{Value, json};

use super::chart;
use super::detail::{MAX_CONFIG_BYTES, config, manifest};
use super::find::{Found, missing};
use super::kind::{CHART, IMAGE, Kind};
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

/// A longer chart is not unpacked.
const MAX_CHART_BYTES: u64 = 8 << 20;
/// All that Harbor knows.
const KNOWN: [&str; 7] =
    ["build_history", "values.yaml", "readme.md", "dependencies", "sbom", "license", "files"];

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let addition = call.asked.parameter("addition").to_lowercase();
    if !KNOWN.contains(&addition.as_str()) {
        let message = format!("addition in path should be one of {}", KNOWN.join(", "));
        return Err(Failure::unprocessable(message));
    }
    let found = Found::of(&call).await?;
    let kind = Kind::of(&found.artifact);
    let manifest = manifest(call.registry(), &found.permit, &found.artifact.digest).await?;
    let manifest = manifest.ok_or_else(|| missing(found.repository(), &found.artifact.digest.to_string()))?;
    let is_image = kind.is(IMAGE) && manifest.config().is_some();
    match addition.as_str() {
        "build_history" if is_image => history(&call, &found, &manifest).await,
        "dependencies" if kind.is(CHART) => dependencies(&call, &found, &manifest).await,
        "readme.md" if kind.is(CHART) => {
            file(&call, &found, &manifest, "README.md", "text/markdown; charset=utf-8").await
        }
        "values.yaml" if kind.is(CHART) => {
            file(&call, &found, &manifest, "values.yaml", "text/plain; charset=utf-8").await
        }
        _ if ["CNAI", "SBOM"].contains(&kind.name.as_str()) => {
            Err(Failure::not_yet(format!("what an artifact of type {} has to show", kind.name)))
        }
        _ => {
            let message = format!("addition {} isn't supported for {}", addition.to_uppercase(), kind.name);
            Err(Failure::bad_request(message))
        }
    }
}

/// How an image was built, step by step, as its config says it.
async fn history(call: &Call<InProject>, found: &Found, manifest: &Manifest) -> Outcome {
    let mut config = config(call.registry(), &found.permit, manifest).await?.ok_or_else(unreadable)?;
    Ok(Answer::of(&config.remove("history").unwrap_or(Value::Null)))
}

/// The charts that a chart needs, as its config says it.
async fn dependencies(call: &Call<InProject>, found: &Found, manifest: &Manifest) -> Outcome {
    let mut config = config(call.registry(), &found.permit, manifest).await?.ok_or_else(unreadable)?;
    Ok(Answer::of(&config.remove("dependencies").unwrap_or(json!([]))))
}

/// A file of a chart.
async fn file(
    call: &Call<InProject>,
    found: &Found,
    manifest: &Manifest,
    name: &str,
    content_type: &'static str,
) -> Outcome {
    let layer = chart::layer(manifest).ok_or_else(|| Failure::not_found("the artifact holds no chart"))?;
    let packed = call.registry().small_blob(&found.permit, &layer.digest, MAX_CHART_BYTES).await?;
    let packed = packed.ok_or_else(|| {
        Failure::not_found(format!("the chart is not there, or has more than {MAX_CHART_BYTES} bytes"))
    })?;
    let file = chart::file(&packed, name)
        .ok_or_else(|| Failure::not_found(format!("the chart has no {name}, or none that can be shown")))?;
    Ok(Answer::ok().text(content_type, file))
}

fn unreadable() -> Failure {
    Failure::not_found(format!(
        "the config of the artifact is no JSON, or has more than {MAX_CONFIG_BYTES} bytes"
    ))
}
