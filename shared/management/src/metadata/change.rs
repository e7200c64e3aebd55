//! `POST …/metadatas`, `PUT` and `DELETE …/metadatas/{meta_name}`.

use std::collections::BTreeMap;

use berth_projects::{Metadata, UpdateProject};

use crate::access::{Call, InProject};
use crate::answer::{Answer, Outcome};
use crate::failure::Failure;

/// The settings that can be set here: the others belong to features that set them.
const SETTABLE: [&str; 8] = [
    "public",
    "enable_content_trust",
    "enable_content_trust_cosign",
    "prevent_vul",
    "severity",
    "auto_scan",
    "auto_sbom_generation",
    "reuse_sys_cve_allowlist",
];

pub(super) async fn add(call: Call<InProject>) -> Outcome {
    let body: BTreeMap<String, String> = call.asked.json()?;
    let mut pairs = body.into_iter();
    let (Some((name, value)), None) = (pairs.next(), pairs.next()) else {
        return Err(Failure::bad_request("only allow one key/value pair"));
    };
    check(&name)?;
    change(&call, |metadata| {
        // Whether a project is public is always set.
        if name == "public" || metadata.get(&name).is_some() {
            return Err(Failure::conflict(format!("project setting {name} is set already")));
        }
        metadata.set(&name, &value).map_err(Failure::bad_request)
    })
    .await
}

pub(super) async fn update(call: Call<InProject>) -> Outcome {
    let name = call.asked.parameter("meta_name").to_owned();
    check(&name)?;
    let body: BTreeMap<String, String> = call.asked.json()?;
    let value = body.get(&name).ok_or_else(|| Failure::bad_request(format!("the body has no {name}")))?;
    change(&call, |metadata| metadata.set(&name, value).map_err(Failure::bad_request)).await
}

pub(super) async fn delete(call: Call<InProject>) -> Outcome {
    let name = call.asked.parameter("meta_name").to_owned();
    check(&name)?;
    change(&call, |metadata| {
        if metadata.remove(&name) {
            return Ok(());
        }
        Err(Failure::not_found(format!("project setting {name} not found")))
    })
    .await
}

fn check(name: &str) -> Result<(), Failure> {
    if SETTABLE.contains(&name) { Ok(()) } else { Err(Failure::bad_request(format!("invalid key: {name}"))) }
}

async fn change(
    call: &Call<InProject>,
    change: impl Fn(&mut Metadata) -> Result<(), Failure> + Send + Sync,
) -> Outcome {
    let name = &call.project().name;
    match call.world().projects.update(name, change).await? {
        UpdateProject::Updated(_) => Ok(Answer::ok().about(name)),
        UpdateProject::Unknown => Err(Failure::not_found(format!("project {name} not found"))),
        UpdateProject::Contended => Err(Failure::conflict("others are changing the project; try again")),
    }
}
