//! cosign: signatures as tags and as referrers, with a key pair of its own and no transparency log.

use berth_tests::{Berth, Mode, Recipe, Run, Tool, in_all_modes};

use crate::client::Client;
use crate::crane::Crane;
use crate::place::Place;

in_all_modes!(signs_by_tag, signs_by_referrer);

fn signs_by_tag(mode: Mode) {
    let Some((place, digest, tags)) = sign_and_verify(mode, "cosign/tag", &[]) else { return };
    let expected = format!("{}.sig", digest.replace(':', "-"));
    assert!(tags.lines().any(|tag| tag == expected), "no {expected} on {}: {tags}", place.berth.host());
}

fn signs_by_referrer(mode: Mode) {
    let arguments = ["--registry-referrers-mode=oci-1-1"];
    let Some((place, digest, tags)) = sign_and_verify(mode, "cosign/referrer", &arguments) else { return };
    assert_eq!(tags, "v1", "only the image has a tag");
    let url = place.berth.url(&format!("/v2/cosign/referrer/referrers/{digest}"));
    let answer = place.berth.client().get(url).send().and_then(reqwest::blocking::Response::text);
    let referrers = answer.expect("the registry answers");
    assert!(referrers.contains("application/vnd.dev.cosign"), "{referrers}");
}

/// Gives the digest of the signed image and the tags of its repository.
fn sign_and_verify(mode: Mode, name: &str, arguments: &[&str]) -> Option<(Place<'static>, String, String)> {
    let (cosign, crane) = (Tool::find("cosign")?, Tool::find("crane")?);
    let place = Place::new(Berth::shared(mode));
    let repository = place.repository(name);
    let layout = place.image(&Recipe::small(&format!("{name} {mode}")));
    let _ = Crane::find()?.push(&place, &layout, &repository).succeeds();
    let image = format!("{repository}@{}", layout.root().digest);
    let keys = place.empty_folder().join("test");
    offline(place.run(&cosign)).arg("generate-key-pair").arg("--output-key-prefix").arg(&keys).succeeds();

    let unverified = offline(place.run(&cosign)).args(["verify", "--insecure-ignore-tlog=true", "--key"]);
    unverified.arg(keys.with_extension("pub")).arg(&image).finish().fails_saying(&["no signatures found"]);
    let sign = offline(place.run(&cosign)).args(["sign", "--yes", "--tlog-upload=false", "--key"]);
    sign.arg(keys.with_extension("key")).args(arguments).arg(&image).succeeds();
    let verify = offline(place.run(&cosign)).args(["verify", "--insecure-ignore-tlog=true", "--key"]);
    verify.arg(keys.with_extension("pub")).args(experimental(arguments)).arg(&image).succeeds();
    let tags = place.run(&crane).args(["ls", &repository]).succeeds();
    Some((place, layout.root().digest.clone(), tags))
}

/// No password to ask for, and the referrers mode is still called an experiment.
fn offline(run: Run<'_>) -> Run<'_> {
    run.env("COSIGN_PASSWORD", "").env("COSIGN_EXPERIMENTAL", "1")
}

/// `verify` finds referrers by another switch than `sign` writes them.
fn experimental<'a>(arguments: &[&'a str]) -> &'a [&'a str] {
    if arguments.is_empty() { &[] } else { &["--experimental-oci11"] }
}
