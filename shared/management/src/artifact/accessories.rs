//! `GET …/artifacts/{reference}/accessories`: what refers to an artifact, by its subject or by cosign's tag.

use berth_protocol::{Digest, Page, Reference};
use berth_registry::ports::Artifact;
use berth_registry::{Permit, Pull, Registry, StoreError};

use super::contents::signature_tag;
use super::find::Found;
use super::kind::{COSIGN, accessory};
use super::number_of;
use super::view::AccessoryView;
use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::query::{Column, Field, Query};

/// More are not looked at.
const MAX_ACCESSORIES: usize = 200;
/// How many are read at a time.
const READ_AT_ONCE: u32 = 100;

/// Something that refers to an artifact, and what Harbor calls it.
#[derive(Debug, Clone)]
pub(super) struct Accessory {
    pub(super) artifact: Artifact,
    pub(super) name: &'static str,
}

const COLUMNS: &[Column<Accessory>] = &[
    Column { name: "id", get: |accessory| Field::number(number_of(&accessory.artifact.digest)) },
    Column { name: "type", get: |accessory| Field::text(accessory.name) },
    Column { name: "digest", get: |accessory| Field::text(accessory.artifact.digest.to_string()) },
    Column { name: "creation_time", get: |accessory| Field::Time(accessory.artifact.pushed_at_secs) },
];

pub(super) async fn answer(call: Call<InProject>) -> Outcome {
    let query = Query::of(&call.asked, COLUMNS)?;
    let Found { permit, artifact } = Found::of(&call).await?;
    let found = query.apply(accessories_of(call.registry(), &permit, &artifact.digest).await?);
    let view = |accessory: &Accessory| {
        AccessoryView::of(permit.repository(), &artifact.digest, &accessory.artifact, accessory.name)
    };
    Ok(Answer::page(&call.asked, &found, &found.items.iter().map(view).collect::<Vec<_>>()))
}

/// One query for each hundred, and a read for each.
pub(super) async fn accessories_of(
    registry: &Registry,
    permit: &Permit<Pull>,
    subject: &Digest,
) -> Result<Vec<Accessory>, StoreError> {
    let mut found = Vec::new();
    let mut page = Page { n: Some(READ_AT_ONCE), last: None };
    loop {
        let referrers = registry.list_referrers(permit, subject, None, &page).await?;
        for descriptor in referrers.items {
            if let Some(artifact) = registry.artifact(permit, &Reference::Digest(descriptor.digest)).await? {
                found.push(Accessory { name: accessory(&artifact), artifact });
            }
        }
        page.last = referrers.next;
        if page.last.is_none() || found.len() >= MAX_ACCESSORIES {
            break;
        }
    }
    if let Some(tag) = signature_tag(subject) {
        let signature = registry.artifact(permit, &Reference::Tag(tag)).await?;
        let is_new = |artifact: &Artifact| {
            artifact.digest != *subject
                && found.iter().all(|known: &Accessory| known.artifact.digest != artifact.digest)
        };
        if let Some(artifact) = signature.filter(is_new) {
            found.push(Accessory { artifact, name: COSIGN });
        }
    }
    Ok(found)
}
