//! What every family that moves images is tested for.

use std::sync::{Mutex, PoisonError};

use berth_tests::{Berth, Finished, Layout, Mode, Recipe};

use crate::place::Place;

/// More than a function can take in one request, and many parts of a multipart upload.
const LARGE_LAYER_BYTES: u64 = 300_000_000;
/// More than S3 takes in one PUT.
const HUGE_LAYER_BYTES: u64 = 5_500_000_000;
/// What is left of a function's 6 MB request after base64.
const MAX_FUNCTION_BODY_BYTES: u64 = 4_500_000;
const MAX_SINGLE_PUT_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// A refusal must name at least one way out.
pub(crate) const REMEDIES: [&str; 3] = ["containerd image store", "oras", "gateway"];

/// How a family sends a layer, which decides what it can do without a gateway.
#[derive(Clone, Copy)]
pub(crate) enum Upload {
    /// One PUT, which goes to S3.
    Put,
    /// One PUT, and chunks when that is refused.
    PutThenChunks,
    /// PATCH requests small enough for a function.
    Chunks,
    /// One PATCH of known length.
    Patch,
    /// One PATCH whose length nobody knows before its end.
    UnboundedPatch,
}

impl Upload {
    fn is_refused(self, mode: Mode, layer_bytes: u64) -> bool {
        mode.is_functions_alone()
            && match self {
                Self::Put => layer_bytes > MAX_SINGLE_PUT_BYTES,
                Self::PutThenChunks | Self::Chunks => false,
                Self::Patch => layer_bytes > MAX_FUNCTION_BODY_BYTES,
                Self::UnboundedPatch => true,
            }
    }
}

/// A client that pushes and pulls images, in its own words.
pub(crate) trait Client: Sized {
    /// A path component for its repositories.
    const NAME: &str;
    const UPLOAD: Upload;
    /// Whether it shows what it is told when it is refused in the middle of a layer.
    const SHOWS_REFUSALS: bool = true;

    /// `None` when a program that it needs is missing and that is allowed.
    fn find() -> Option<Self>;

    /// Pushes the image in `layout` to `<repository>:v1`, `repository` beginning with the host.
    fn push(&self, place: &Place<'_>, layout: &Layout, repository: &str) -> Finished;

    /// Downloads `reference` with all its layers and gives the digest of its configuration, which stands for the
    /// content of the layers too and, other than the manifest, is the same in every client's store.
    fn pull(&self, place: &Place<'_>, reference: &str) -> String;
}

pub(crate) fn small_image<C: Client>(mode: Mode) {
    let recipe = Recipe::small(&format!("{} {mode} small", C::NAME));
    if let Some(client) = C::find() {
        push_and_pull(&client, Berth::shared(mode), &recipe);
    }
}

pub(crate) fn large_layer<C: Client>(mode: Mode) {
    let recipe = Recipe::with_layer_of(&format!("{} {mode} large", C::NAME), LARGE_LAYER_BYTES);
    if let Some(client) = C::find() {
        if mode == Mode::Deployed {
            push_and_pull(&client, Berth::shared(mode), &recipe);
        } else {
            push_and_pull(&client, &Berth::start(mode), &recipe);
        }
    }
}

/// One at a time: a client's store holds such a layer several times over, and the registry once more.
pub(crate) fn huge_layer<C: Client>(mode: Mode) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let recipe = Recipe::with_layer_of(&format!("{} {mode} huge", C::NAME), HUGE_LAYER_BYTES);
    if let Some(client) = C::find() {
        push_and_pull(&client, &Berth::start(mode), &recipe);
    }
}

fn push_and_pull<C: Client>(client: &C, berth: &Berth, recipe: &Recipe) {
    let place = Place::new(berth);
    let layout = place.image(recipe);
    let name = format!("{}/{}", C::NAME, recipe.layer_bytes.iter().max().unwrap_or(&0));
    let repository = place.repository(&name);
    let pushed = client.push(&place, &layout, &repository);
    let largest = layout.layers().iter().map(|layer| layer.size).max().unwrap_or(0);
    if C::UPLOAD.is_refused(berth.mode(), largest) {
        // Whether an answer in the middle of a layer reaches its client is up to the distribution, and not to us.
        let is_told = C::SHOWS_REFUSALS && berth.mode() != Mode::Deployed;
        return if is_told { pushed.fails_saying(&REMEDIES) } else { pushed.fails() };
    }
    let _ = pushed.succeeds();
    let expected = layout.config().digest;
    assert_eq!(client.pull(&place, &format!("{repository}:v1")), expected, "pulled by tag");
    let digest = berth.manifest_digest(&name, "v1");
    assert_eq!(client.pull(&place, &format!("{repository}@{digest}")), expected, "pulled by digest");
}

/// The tests that all families have, and the family's own, in both modes.
macro_rules! client_tests {
    ($client:ty $(, $own:ident)* $(,)?) => {
        fn small_image(mode: berth_tests::Mode) {
            crate::client::small_image::<$client>(mode);
        }

        fn large_layer(mode: berth_tests::Mode) {
            crate::client::large_layer::<$client>(mode);
        }

        fn huge_layer(mode: berth_tests::Mode) {
            crate::client::huge_layer::<$client>(mode);
        }

        berth_tests::in_both_modes!(
            #[ignore = "heavy: run by just test-full"]
            huge_layer
            $(, $own)*
        );
        mod everywhere {
            use super::{large_layer, small_image};

            berth_tests::in_all_modes!(small_image, large_layer);
        }
    };
}

pub(crate) use client_tests;
